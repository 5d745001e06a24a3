// Runs the commands of the demo, shows what they printed, and keeps count of what was not as expected.

import { spawn } from 'node:child_process'
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import process from 'node:process'
import { styleText } from 'node:util'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('../..', import.meta.url))
const command = join(root, 'packages/bin/bin/bulkhead.js')

const paint = (style, text) => styleText(style, text, { stream: process.stdout })
// Whoever looks at the first lines only (`| head`) closes the pipe: that is no failure of the demo.
process.stdout.on('error', () => process.exit(0))
const say = (text = '') => process.stdout.write(`${text}\n`)
const indented = (text) => text.replace(/^/gm, '    ')
const quoted = (argument) => (/^[\w./:=-]+$/.test(argument) ? argument : `'${argument}'`)

/** Runs the command, gives its exit code and the JSON document that it printed. */
const bulkhead = (home, args, stdin) =>
  new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [command, ...args, '--json'], {
      cwd: root,
      env: { ...process.env, BULKHEAD_HOME: home },
      stdio: ['pipe', 'pipe', 'pipe'],
    })
    let stdout = ''
    let stderr = ''
    child.stdout.setEncoding('utf8').on('data', (text) => (stdout += text))
    child.stderr.setEncoding('utf8').on('data', (text) => (stderr += text))
    child.stdin.on('error', () => {}).end(stdin ?? '')
    child.on('error', reject)
    child.on('close', (exit) => {
      try {
        resolve({ exit, ...JSON.parse(stdout) })
      } catch {
        resolve({ exit, ok: false, error: { code: 'no JSON', message: `${stdout}${stderr}`.trim() } })
      }
    })
  })

/** @param {string} folder where the demo keeps its state; removed afterwards by whoever made it */
export const openStage = (folder) => {
  const home = join(folder, 'home')
  mkdirSync(home, { mode: 0o700 })
  let failed = 0
  let steps = 0

  const expect = (what, isSo) => {
    steps += 1
    if (!isSo) failed += 1
    say(
      indented(
        isSo ? `${paint('green', '✓')} ${what.replaceAll('\n', '\n  ')}` : paint('red', `✗ not as expected: ${what}`),
      ),
    )
  }

  const showCommand = (args, shown) =>
    say(`  ${paint('dim', '$')} ${paint('bold', ['npx bulkhead', ...args.map(quoted), shown ?? ''].join(' ').trim())}`)

  return {
    get failed() {
      return failed
    },
    expect,
    title: (text) => say(`\n${paint(['bold', 'cyan'], text)}`),

    /** One command. Either it succeeds and `holds` of its output, or it `fails` with a code and an exit code. */
    run: async (args, { stdin, shown, tell, holds, fails, exit = 0, because }) => {
      showCommand(args, shown)
      const result = await bulkhead(home, args, stdin)
      if (fails !== undefined) {
        const { code, message } = result.error ?? {}
        say(indented(`${paint('yellow', `${code ?? 'no error'}`)} ${message ?? ''}`))
        expect(because ?? `refused with exit code ${exit}`, code === fails && result.exit === exit)
        return
      }
      if (!result.ok || result.exit !== 0) {
        say(indented(`${paint('red', result.error?.code)} ${result.error?.message}`))
        expect('the call succeeds', false)
        return
      }
      const { loadMs, callMs, hostCalls } = result.metrics ?? {}
      const cost = `load ${Math.round(loadMs)} ms, call ${Math.round(callMs)} ms, host calls ${hostCalls}`
      expect(`${tell(result.output)}\n${paint('dim', cost)}`, holds(result.output))
    },

    /** The decisions of the gate, denials and permissions. */
    showAudit: async () => {
      showCommand(['audit', '--type', 'capability_check'])
      const { records = [] } = await bulkhead(home, ['audit', '--type', 'capability_check'])
      for (const { result, plugin, capabilities = [], why } of [...records].sort((a, b) => a.time - b.time)) {
        const verdict = paint(result === 'allowed' ? 'green' : 'red', result.padEnd(7))
        say(indented(`${verdict} ${(plugin ?? '').padEnd(12)} ${capabilities.join(', ')} ${paint('dim', why ?? '')}`))
      }
      const count = (wanted) => records.filter(({ result }) => result === wanted).length
      expect('there are permissions and denials, one record each', count('allowed') >= 3 && count('denied') >= 3)
    },

    verifyAudit: async () => {
      showCommand(['audit', 'verify'])
      const report = await bulkhead(home, ['audit', 'verify'])
      const proven = report.report?.proves ?? report.proves ?? []
      for (const line of [proven].flat()) say(indented(paint('dim', line)))
      expect('the log is whole: nothing was changed, dropped or reordered', report.ok && report.exit === 0)
    },

    end: () => {
      const text =
        failed === 0 ? `All ${steps} steps went as expected.` : `${failed} of ${steps} steps did not go as expected.`
      say(`\n${paint(failed === 0 ? ['bold', 'green'] : ['bold', 'red'], text)}`)
    },
  }
}
