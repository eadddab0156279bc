"""One module for each program whose archives are read; `formats` knows them all."""
