"""Is this claim true: a catalogue of claims people meet, decided by written rules from engine and evidence."""
