"""deliveries -> social accounts. Finds: deliveries to look up, to retract, to correct or to send, and due.

The claim writes `sending` with everything that will be sent, before the network is touched. A try that ended without an
answer is looked up with `find`, never repeated blindly; a delivery found in `sending` at the start is such a try. No network
call happens inside a transaction.
"""
