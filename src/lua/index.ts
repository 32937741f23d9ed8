export { type HostCall, type Interpreter, type InterpreterLimits, type InterpreterOptions, openInterpreter } from './interpreter.js';
