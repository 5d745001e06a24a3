// Calls and little else.

function fibOf(n: i32): i32 {
  return n < 2 ? n : fibOf(n - 1) + fibOf(n - 2)
}

export function fib(): i32 {
  return fibOf(29)
}
