"""celerylint's own configuration: found, read strictly, merged with the command line, resolved.

`file` finds and reads a file into what it says (`Given`), `configuration` merges that with what
the command line says and remembers where each value came from (`Configuration`), and `settings`
resolves the outcome into what the pipeline works with (`Settings`). `options` says what there is
to configure.
"""
