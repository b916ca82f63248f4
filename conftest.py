"""For the tests of all distributions: how hypothesis runs."""

from hypothesis import settings

# A pause of the machine is no finding, so an example may take as long as the test may; and what was found can be run
# again elsewhere. Built on the profile that hypothesis itself chose, which differs under continuous integration.
settings.register_profile("cectrust", deadline=None, print_blob=True)
settings.load_profile("cectrust")
