// What `bulkhead doctor` does: tells what works on this machine, what does not, and what to do about it.

import type { DoctorFinding } from '@bulkhead/host'
import { escapeLine } from '@bulkhead/host/terms'
import type { Report } from '../report.ts'
import type { Session } from '../session.ts'

const findingText = (finding: DoctorFinding, session: Session): string => {
  const { out } = session.colors
  const marks = { ok: out.green('✓'), warn: out.yellow('!'), fail: out.red('✗') }
  const hint = finding.hint === undefined ? '' : `\n  ${out.dim(`hint: ${escapeLine(finding.hint)}`)}`
  return `${marks[finding.status]} ${out.bold(escapeLine(finding.name))}  ${escapeLine(finding.detail)}${hint}\n`
}

/** Runs every probe; one that fails is an error of the report. */
export const diagnose = async (session: Session): Promise<Report> => {
  const findings = await session.library.runDoctor({ home: session.home })
  const failed = findings.filter((finding) => finding.status === 'fail')
  return {
    json: { findings },
    text: findings.map((finding) => findingText(finding, session)).join(''),
    ...(failed.length === 0
      ? {}
      : {
          error: {
            code: 'runtime.missing',
            message: `missing here: ${failed.map((finding) => finding.name).join(', ')}`,
            hint: 'Each finding marked ✗ says what to do.',
          },
        }),
  }
}
