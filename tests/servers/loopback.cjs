// Preload (node -r): every TCP listen() without a host, or on all interfaces, binds 127.0.0.1.
// dev-env has no setting for it, and a test must not open a port to the network.
'use strict'
const net = require('node:net')
const listen = net.Server.prototype.listen
const HOST = '127.0.0.1'
const isEverywhere = (host) => host === undefined || host === null || ['', '0.0.0.0', '::'].includes(host)

net.Server.prototype.listen = function (...args) {
  const [first, second] = args
  if (first !== null && typeof first === 'object') {
    const isPort = !first.path && !('fd' in first) && !('_handle' in first)
    if (isPort && isEverywhere(first.host)) args[0] = { ...first, host: HOST }
  } else if (typeof first === 'number' || /^\d+$/.test(first)) {
    if (typeof second === 'string') args[1] = isEverywhere(second) ? HOST : second
    else args.splice(1, second === undefined ? 1 : 0, HOST)
  } else if (first === undefined || typeof first === 'function') {
    args.splice(0, first === undefined ? 1 : 0, 0, HOST)
  }
  return listen.apply(this, args)
}
