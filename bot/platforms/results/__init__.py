"""The `results` source: timing data from CSV or JSON, by file or by HTTP.

`tables` makes rows of bytes, `mapping` makes results of rows, `source` asks, and brings what has changed since its `cursor`.
"""
