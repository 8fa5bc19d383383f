"""Own account, Europe: a small copy of the shop for tests, in a VPC with the very addresses of the real one, and no way between them."""

from cloudmigrate.simulate.estate.parts import REHEARSAL, instance, security_group, subnet
from cloudmigrate.simulate.things import Act, Thing

STEPS: tuple[Thing | Act, ...] = (
    Thing("rehearsal-vpc", "AWS::EC2::VPC", {"CidrBlock": "10.10.0.0/16"}, REHEARSAL),
    subnet("rehearsal-a", "rehearsal-vpc", "10.10.10.0/24", "eu-central-1a", REHEARSAL),
    *security_group("rehearsal-app", "rehearsal-vpc", "All of it", REHEARSAL, (9000, "10.10.0.0/16")),
    *security_group("rehearsal-data", "rehearsal-vpc", "Database", REHEARSAL, (5432, "sg:rehearsal-app")),
    instance("rehearsal-web", "t3.small", "rehearsal-a", ("rehearsal-app",), REHEARSAL),
    instance("rehearsal-app-1", "t3.small", "rehearsal-a", ("rehearsal-app",), REHEARSAL),
    instance("rehearsal-db", "t3.medium", "rehearsal-a", ("rehearsal-data",), REHEARSAL),
)
