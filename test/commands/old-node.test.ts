import { execFile } from 'node:child_process'
import { expect, it } from 'vitest'
import { program } from './run-command.ts'

/** Makes the program believe that it runs on another Node. */
const pretend = (version: string): string =>
  `data:text/javascript,Object.defineProperty(process, 'versions', { value: { ...process.versions, node: '${version}' } })`

const versionOn = (version: string): Promise<readonly [unknown, string, string]> =>
  new Promise(resolve => {
    execFile(process.execPath, ['--import', pretend(version), program, '--version'], (error, stdout, stderr) =>
      resolve([error?.code ?? 0, stdout, stderr]),
    )
  })

it.each(['12.22.12', '20.20.2', '22.18.9'])('Node %s is told apart in one line, with exit code 2', async version => {
  expect(await versionOn(version)).toEqual([
    2,
    '',
    expect.stringMatching(new RegExp(`^dynamo-metrics needs .* this is ${version}\\.\\n$`)),
  ])
})

it.each(['22.19.0', '23.0.0', '24.1.0'])('Node %s will do', async version => {
  expect(await versionOn(version)).toEqual([0, expect.stringContaining('dynamo-metrics/'), ''])
})
