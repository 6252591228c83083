"""The edges: command line, scheduler, configuration, one whole cycle."""
