// The strict YAML reader as an entry of its own: for whoever needs it and not the rest of the kernel, such as a thread that
// has to start fast. What is refused in manifests (anchors, aliases, tags, merge keys, several documents) is refused here.

import { readPlainYaml } from './manifest/read-plain-yaml.ts'
import { readYaml } from './manifest/read-yaml.ts'

/** What came of a text: the value, or why there is none. */
export type StrictYaml =
  | { readonly ok: true; readonly value: unknown }
  | { readonly ok: false; readonly line: number; readonly message: string }

/** Reads one YAML document as plain data whose tables have no prototype. Never throws. Callers cap the length of the text. */
export const readStrictYaml = (text: string): StrictYaml => {
  const plain = readPlainYaml(text)
  if (plain !== undefined) return { ok: true, value: plain }
  const { value, faults } = readYaml(text)
  const [fault] = faults
  if (fault === undefined) return { ok: true, value }
  return { ok: false, line: fault.at?.line ?? 1, message: [...fault.path.slice(0, 5), fault.message].join(' ') }
}
