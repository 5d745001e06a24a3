// Prose of a plugin's for people: descriptions and reasons, which may be of several lines.

import { escapeLine } from '@bulkhead/host/terms'

/** As one line: what is white between words becomes one space. */
export const proseLine = (text: string): string => escapeLine(text.trim().replace(/\s+/g, ' '))
