// Short loops over bytes.

const size = 1000000
const composite = new StaticArray<u8>(size)

export function sieve(): i32 {
  memory.fill(changetype<usize>(composite), 0, size)
  let count = 0
  for (let at = 2; at < size; at++) {
    if (unchecked(composite[at])) continue
    count++
    for (let multiple = at + at; multiple < size; multiple += at) unchecked((composite[multiple] = 1))
  }
  return count
}
