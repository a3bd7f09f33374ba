import { recordRequests, roundsOf } from './request-log.ts'
import type { Figure } from './table.ts'

/** How many requests the API server gets from the doctor, and how many rounds of them wait for one another. */
export const measureRequests = async (folder: string): Promise<readonly Figure[]> => {
  const requests = await recordRequests(folder)
  const rounds = roundsOf(requests)
  return [
    { what: 'requests, healthy cluster', measured: '', value: requests.length, budget: 50 },
    {
      what: 'rounds of them',
      measured: rounds.map(({ length }) => length).join(' + '),
      value: rounds.length,
      budget: 4,
    },
  ]
}
