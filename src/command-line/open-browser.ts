import { setTimeout as pause } from 'node:timers/promises'

/** What opens an address in the browser of this machine, by platform. */
const openers: Readonly<Partial<Record<NodeJS.Platform, readonly [program: string, ...args: readonly string[]]>>> = {
  darwin: ['open'],
  win32: ['rundll32', 'url.dll,FileProtocolHandler'],
}

/**
 * Opens an address in the user's browser; false where there is none to be opened. What still runs after a moment is the
 * browser itself: it is left alone, by Ctrl-C too.
 */
export const openBrowser = async (address: string): Promise<boolean> => {
  const { execa } = await import('execa')
  const [program, ...args] = openers[process.platform] ?? ['xdg-open']
  const opener = execa(program, [...args, address], { stdio: 'ignore', reject: false, detached: true, cleanup: false })
  return Promise.race([opener.then(({ failed }) => !failed), pause(aMoment, true, { ref: false })])
}

const aMoment = 2000
