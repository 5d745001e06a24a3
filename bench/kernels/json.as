// Reads a JSON text into a tree of objects and writes it again: allocation, garbage collection, strings, branches.

class Value {
  number: f64 = 0
  text: string | null = null
  items: Array<Value> | null = null
  names: Array<string> | null = null
}

let text = ''
let at = 0

for (let index = 0; index < 300; index++) {
  const row = '{"id":' + index.toString() + ',"name":"row number ' + index.toString() + '","tags":["red","green","blue"],'
  text += (index == 0 ? '[' : ',') + row + '"point":{"x":' + (index * 37).toString() + ',"y":-12},"on":true}'
}
text += ']'

function skipSpace(): void {
  while (text.charCodeAt(at) <= 32) at++
}

function readString(): string {
  const start = ++at
  while (text.charCodeAt(at) != 34) at++
  return text.substring(start, at++)
}

function readNumber(): f64 {
  let sign: f64 = 1
  let value: f64 = 0
  if (text.charCodeAt(at) == 45) {
    sign = -1
    at++
  }
  for (let digit = text.charCodeAt(at) - 48; digit >= 0 && digit <= 9; digit = text.charCodeAt(++at) - 48) value = value * 10 + digit
  return sign * value
}

function read(): Value {
  skipSpace()
  const value = new Value()
  const code = text.charCodeAt(at)
  if (code == 34) {
    value.text = readString()
  } else if (code == 91 || code == 123) {
    const items = new Array<Value>()
    const names = new Array<string>()
    do {
      at++
      skipSpace()
      if (code == 123) {
        names.push(readString())
        at++
      }
      items.push(read())
    } while (text.charCodeAt(at) == 44)
    at++
    value.items = items
    if (code == 123) value.names = names
  } else if (code == 116) {
    at += 4
    value.number = 1
  } else {
    value.number = readNumber()
  }
  return value
}

function write(value: Value, to: Array<string>): void {
  const items = value.items
  const names = value.names
  if (items === null) {
    const content = value.text
    to.push(content === null ? (<i32>value.number).toString() : '"' + content + '"')
    return
  }
  to.push(names === null ? '[' : '{')
  for (let index = 0; index < items.length; index++) {
    if (index > 0) to.push(',')
    if (names !== null) to.push('"' + names[index] + '":')
    write(items[index], to)
  }
  to.push(names === null ? ']' : '}')
}

export function json(): i32 {
  let length = 0
  for (let turn = 0; turn < 2; turn++) {
    at = 0
    const parts = new Array<string>()
    write(read(), parts)
    length += parts.join('').length
  }
  return length
}
