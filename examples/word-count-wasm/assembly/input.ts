// Reads the JSON of a call: one flat object with texts and whole numbers, `{"text": "…", "top": 10}`. Works on the bytes
// as they came; only what is escaped is copied.

/** What was read, or what is wrong with it. */
export class Input {
  text: Uint8Array = new Uint8Array(0)
  hasText: bool = false
  top: i32 = 10
  fault: string = ''
}

const quote: u8 = 0x22
const backslash: u8 = 0x5c

class Reader {
  at: i32 = 0
  constructor(
    readonly bytes: Uint8Array,
    readonly input: Input,
  ) {}

  peek(): u8 {
    while (this.at < this.bytes.length && unchecked(this.bytes[this.at]) <= 0x20) this.at++
    return this.at < this.bytes.length ? unchecked(this.bytes[this.at]) : 0
  }

  take(expected: u8): bool {
    if (this.peek() != expected) return false
    this.at++
    return true
  }

  hex(): i32 {
    let value = 0
    for (let i = 0; i < 4; i++) {
      if (this.at >= this.bytes.length) return -1
      const digit = i32(unchecked(this.bytes[this.at++])) | 0x20
      if (digit >= 0x30 && digit <= 0x39) value = value * 16 + digit - 0x30
      else if (digit >= 0x61 && digit <= 0x66) value = value * 16 + digit - 0x57
      else return -1
    }
    return value
  }

  /** A string as UTF-8 bytes; null when it is not one. The result is never longer than the source. */
  text(): Uint8Array | null {
    if (!this.take(quote)) return null
    const out = new Uint8Array(this.bytes.length - this.at)
    let length = 0
    while (this.at < this.bytes.length) {
      const byte = unchecked(this.bytes[this.at++])
      if (byte == quote) return out.subarray(0, length)
      if (byte != backslash) {
        unchecked((out[length++] = byte))
        continue
      }
      if (this.at >= this.bytes.length) return null
      const escape = unchecked(this.bytes[this.at++])
      if (escape != 0x75) {
        unchecked((out[length++] = unescape(escape)))
        continue
      }
      let point = this.hex()
      if (point < 0) return null
      if (point >= 0xd800 && point < 0xdc00 && this.at + 6 <= this.bytes.length) {
        this.at += 2
        point = 0x10000 + ((point - 0xd800) << 10) + (this.hex() - 0xdc00)
      }
      length = encode(point, out, length)
    }
    return null
  }

  number(): i32 {
    let value = -1
    for (let byte = this.peek(); byte >= 0x30 && byte <= 0x39 && value < 100000; byte = this.peek()) {
      value = max(value, 0) * 10 + byte - 0x30
      this.at++
    }
    return value
  }

  read(): string {
    if (!this.take(0x7b)) return 'the input is not a JSON object'
    if (this.take(0x7d)) return ''
    do {
      const key = this.text()
      if (key === null || !this.take(0x3a)) return 'the input is not valid JSON'
      const name = String.UTF8.decodeUnsafe(key.dataStart, key.length)
      if (name == 'text') {
        const value = this.text()
        if (value === null) return 'the field text is not a string'
        this.input.text = value
        this.input.hasText = true
      } else if (name == 'top') {
        this.input.top = this.number()
        if (this.input.top < 0) return 'the field top is not a whole number'
      } else return 'the input has a field that is neither text nor top'
    } while (this.take(0x2c))
    return this.take(0x7d) ? '' : 'the input is not valid JSON'
  }
}

function unescape(letter: u8): u8 {
  if (letter == 0x6e) return 0x0a
  if (letter == 0x74) return 0x09
  if (letter == 0x72) return 0x0d
  if (letter == 0x62) return 0x08
  if (letter == 0x66) return 0x0c
  return letter
}

function encode(point: i32, out: Uint8Array, at: i32): i32 {
  if (point < 0x80) {
    out[at++] = u8(point)
  } else if (point < 0x800) {
    out[at++] = u8(0xc0 | (point >> 6))
    out[at++] = u8(0x80 | (point & 0x3f))
  } else if (point < 0x10000) {
    out[at++] = u8(0xe0 | (point >> 12))
    out[at++] = u8(0x80 | ((point >> 6) & 0x3f))
    out[at++] = u8(0x80 | (point & 0x3f))
  } else {
    out[at++] = u8(0xf0 | (point >> 18))
    out[at++] = u8(0x80 | ((point >> 12) & 0x3f))
    out[at++] = u8(0x80 | ((point >> 6) & 0x3f))
    out[at++] = u8(0x80 | (point & 0x3f))
  }
  return at
}

/** Reads the input of a call; `fault` is empty when it is well. */
export function readInput(bytes: Uint8Array): Input {
  const input = new Input()
  input.fault = new Reader(bytes, input).read()
  if (input.fault == '' && !input.hasText) input.fault = 'the input has no field text'
  return input
}
