"""Steps to deeds: carried out one by one by what the journal says, and taken back newest first. Knows no cloud and no database."""
