-- The time.* host functions as a module, so that they are found where the rest of the library is.

return host.time
