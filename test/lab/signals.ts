import { execFileSync } from 'node:child_process'
import fs from 'node:fs'
import { podsOf } from './ask.ts'
import { stack } from './layout.ts'
import { podNamespace } from './network.ts'
import { recordedPid } from './processes.ts'

/** SIGSTOP: it lives and is taken for ready, but does nothing any more, until SIGCONT. */
type Signal = 'SIGSTOP' | 'SIGCONT'

/** To the processes of pods of the stack. `named`: what stands in the command line. */
export async function signalPods(signal: Signal, selector: string, named = ''): Promise<void> {
  for (const pod of await podsOf(stack.namespace, selector)) {
    const pids = execFileSync('ip', ['netns', 'pids', podNamespace(pod.metadata?.uid?.slice(0, 8) ?? '')], {
      encoding: 'utf8',
    })
    for (const pid of pids.split('\n').filter(Boolean)) {
      if (fs.readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes(named)) process.kill(Number(pid), signal)
    }
  }
}

/** To the program that does a kubelet's work. */
export function signalKubelet(signal: Signal): void {
  process.kill(recordedPid('kubelet'), signal)
}
