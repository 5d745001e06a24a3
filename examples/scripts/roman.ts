// ---
// name: roman
// version: 1.0.0
// type: tool
// description: Roman numerals, there and back.
// ---
//
// A whole plugin in one file. Every exported function is an action; what it is given is the input.

const numerals: readonly [string, number][] = [
  ['M', 1000],
  ['CM', 900],
  ['D', 500],
  ['CD', 400],
  ['C', 100],
  ['XC', 90],
  ['L', 50],
  ['XL', 40],
  ['X', 10],
  ['IX', 9],
  ['V', 5],
  ['IV', 4],
  ['I', 1],
]

/** `{ "number": 2026 }` → `{ "roman": "MMXXVI" }` */
export const toRoman = ({ number }: { number: number }): { roman: string } => {
  if (!Number.isInteger(number) || number < 1 || number > 3999)
    throw new RangeError('the Romans wrote whole numbers from 1 to 3999')
  let rest = number
  let roman = ''
  for (const [letters, value] of numerals) {
    roman += letters.repeat(Math.floor(rest / value))
    rest %= value
  }
  return { roman }
}

/** `{ "roman": "MMXXVI" }` → `{ "number": 2026 }` */
export const fromRoman = ({ roman }: { roman: string }): { number: number } => {
  let rest = roman.toUpperCase()
  let number = 0
  for (const [letters, value] of numerals)
    while (rest.startsWith(letters)) {
      number += value
      rest = rest.slice(letters.length)
    }
  if (rest !== '' || number === 0 || toRoman({ number }).roman !== roman.toUpperCase())
    throw new RangeError(`${roman} is not a Roman numeral`)
  return { number }
}
