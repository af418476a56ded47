/** The server room: from options to a listening server. The package's own door, too. */

export {ConfigError, type ConfigSources, configFileVariable, namespacesVariable, resolveOptions} from './config.js';
export {describeLimits} from './describe.js';
export {
  environmentName,
  type NamespaceOptions,
  namespaceOptionTable,
  type OptionSpec,
  optionTable,
  type ServerOptions,
  type Transport,
} from './options.js';
export {createServer, type RunningServer} from './server.js';
