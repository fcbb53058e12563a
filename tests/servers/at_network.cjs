// A PLC directory and a PDS on free ports of 127.0.0.1: a new world at every start. Prints one line of JSON when it is
// ready; ends on SIGTERM, and when its standard input ends, so that it never outlives the tests.
'use strict'
const devEnv = require('@atproto/dev-env')

// What accounts ask an AppView, the PDS passes on to the one at this address.
const appview = process.argv.find((word) => word.startsWith('http:'))

const main = async () => {
  const network = await devEnv.TestNetworkNoAppView.create({
    plc: {},
    pds: {
      hostname: 'localhost',
      enableDidDocWithSession: true,
      rateLimitsEnabled: process.argv.includes('rate-limits'),
      ...(appview ? { bskyAppViewUrl: appview, bskyAppViewDid: 'did:web:appview.test' } : {}),
    },
  })
  const mockMailer = devEnv.mockMailer ?? require('@atproto/dev-env/dist/util').mockMailer
  if (mockMailer) mockMailer(network.pds)
  const local = (url) => url.replace('localhost', '127.0.0.1')
  console.log(JSON.stringify({ pds: local(network.pds.url), plc: local(network.plc.url) }))
  const end = async () => {
    await network.close()
    process.exit(0)
  }
  process.on('SIGTERM', end)
  process.stdin.on('end', end)
  process.stdin.resume()
}

main().catch((error) => {
  console.error(error)
  process.exit(1)
})
