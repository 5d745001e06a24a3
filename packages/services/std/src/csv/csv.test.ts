import fc from 'fast-check'
import { expect, test } from 'vitest'
import { formatCsv } from './format-csv.ts'
import { parseCsv } from './parse-csv.ts'

const read = (text: string, header = false, delimiter = ','): unknown =>
  JSON.parse(parseCsv(text, { header, delimiter }))
const cell = fc.string({ unit: fc.constantFrom(...'ab,;"\r\n \ufeff\u{1f600}ä'), maxLength: 6 })

test('what was written is read again, whatever is in the cells', () => {
  const rows = fc.array(fc.array(cell, { minLength: 1, maxLength: 4 }), { maxLength: 5 })
  fc.assert(
    fc.property(
      rows,
      fc.constantFrom(',', ';', '\t'),
      fc.constantFrom('\n' as const, '\r\n' as const),
      (given, delimiter, newline) => {
        expect(read(formatCsv(given, { delimiter, newline, header: true }), false, delimiter)).toEqual(given)
      },
    ),
  )
})

test('reading never fails but with the line of a fault', () => {
  fc.assert(
    fc.property(fc.string({ unit: fc.constantFrom(...'a,"\r\n'), maxLength: 20 }), (text) => {
      try {
        read(text)
      } catch (error) {
        expect(error).toMatchObject({ code: 'input.invalid', details: { line: expect.any(Number) } })
      }
    }),
  )
})

test('line numbers count the lines in quoted cells', () => {
  expect(() => read('a,"b\nc"\n"x"y')).toThrow('line 3: a quoted cell is followed by more text')
  expect(() => read('a,b\n\n1,2,3', true)).toThrow('line 3: it has 3 cells, and there are 2 columns')
  expect(() => read('a,a\n1,2', true)).toThrow('line 1: the column "a" is there twice')
})

test('a byte order mark, blank lines, rows that are short', () => {
  expect(read('\ufeffa,b\n\n1\n', true)).toEqual([{ a: '1' }])
  expect(read('')).toEqual([])
  expect(read('', true)).toEqual([])
})

test('rows of one kind only, and cells that are scalars', () => {
  const options = { delimiter: ',', newline: '\n', header: true } as const
  expect(() => formatCsv([['a'], { a: 1 }], options)).toThrow('rows[1]: rows are all lists, or all objects')
  expect(() => formatCsv([{ a: [] }], options)).toThrow('rows[0][0]: a cell is text, a number, true, false or null')
  expect(formatCsv([{ a: 1 }, { b: null }], { ...options, header: false })).toBe('1,\n,\n')
})
