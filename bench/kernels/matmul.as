// Nested loops over numbers.

const size = 160
const left = new StaticArray<f64>(size * size)
const right = new StaticArray<f64>(size * size)
const product = new StaticArray<f64>(size * size)

for (let at = 0; at < size * size; at++) {
  left[at] = at % 7
  right[at] = at % 11
}

export function matmul(): i32 {
  for (let row = 0; row < size; row++) {
    for (let column = 0; column < size; column++) {
      let sum: f64 = 0
      for (let at = 0; at < size; at++) {
        sum += unchecked(left[row * size + at]) * unchecked(right[at * size + column])
      }
      unchecked((product[row * size + column] = sum))
    }
  }
  return <i32>product[size + 1]
}
