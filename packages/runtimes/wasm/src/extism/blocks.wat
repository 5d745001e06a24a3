;; Reads and writes of Extism memory blocks, for guests to call without leaving WebAssembly: they move data eight bytes
;; at a time, and a call into JavaScript for each would cost more than the plugin's own work. Blocks are laid out by
;; blocks.ts. Every access is checked by the engine against the blocks' own memory, which holds nothing else.
(module
  (import "bulkhead" "memory" (memory 1))
  (global $input_offset (export "input_offset") (mut i64) (i64.const 0))
  (global $input_length (export "input_length") (mut i64) (i64.const 0))

  ;; Offsets are 64 bits wide; what does not fit 32 must trap rather than wrap around.
  (func $address (param $offset i64) (result i32)
    (if (i64.gt_u (local.get $offset) (i64.const 0xffffffff)) (then unreachable))
    (i32.wrap_i64 (local.get $offset)))

  (func (export "load_u8") (param $offset i64) (result i32)
    (i32.load8_u (call $address (local.get $offset))))
  (func (export "load_u64") (param $offset i64) (result i64)
    (i64.load (call $address (local.get $offset))))
  (func (export "store_u8") (param $offset i64) (param $value i32)
    (i32.store8 (call $address (local.get $offset)) (local.get $value)))
  (func (export "store_u64") (param $offset i64) (param $value i64)
    (i64.store (call $address (local.get $offset)) (local.get $value)))

  ;; Reads past the end of the input give 0.
  (func (export "input_load_u8") (param $index i64) (result i32)
    (if (i64.ge_u (local.get $index) (global.get $input_length)) (then (return (i32.const 0))))
    (i32.load8_u (call $address (i64.add (global.get $input_offset) (local.get $index)))))
  (func (export "input_load_u64") (param $index i64) (result i64)
    (if (i64.ge_u (local.get $index) (global.get $input_length)) (then (return (i64.const 0))))
    (if (i64.gt_u (i64.const 8) (i64.sub (global.get $input_length) (local.get $index)))
      (then (return (i64.const 0))))
    (i64.load (call $address (i64.add (global.get $input_offset) (local.get $index)))))

  (func (export "input_offset_get") (result i64) (global.get $input_offset))
  (func (export "input_length_get") (result i64) (global.get $input_length)))
