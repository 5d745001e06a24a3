// Planted fault: WebAssembly used past the one file that may, so past the meter.
export const planted = (bytes: Uint8Array): unknown => new WebAssembly.Module(bytes as BufferSource)
