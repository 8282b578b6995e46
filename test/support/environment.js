const vm = require('node:vm');
const { TestEnvironment } = require('jest-environment-node');

const compile = vm.compileFunction;

/** What V8 made of the modules that this process compiled, by file. */
const compiled = new Map();

/**
 * Compiles a module as Jest asks, with V8's data of the last time. Jest loads every module anew for each test file; most
 * of a short file's time went into compiling the same modules once more.
 */
function compileAgain(source, parameters, options) {
  const key = `${options?.filename}(${parameters})`;
  const before = compiled.get(key);
  if (before?.source === source) return compile(source, parameters, { ...options, cachedData: before.data });
  const result = compile(source, parameters, { ...options, produceCachedData: true });
  compiled.set(key, { source, data: result.cachedData });
  return result;
}

/** Node's environment, in which modules are compiled once in a process. */
module.exports = class extends TestEnvironment {
  constructor(config, context) {
    super(config, context);
    // Code from the cache is not counted block by block.
    vm.compileFunction = config.globalConfig.collectCoverage ? compile : compileAgain;
  }
};
