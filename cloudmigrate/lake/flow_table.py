"""How compiled code and the rest see the same memory: a row of sums, a record that waits, totals, and the words of a line."""

import numpy as np

from cloudmigrate.domain.direction import STRENGTH, DirectionRule

# What a column of the text is to the kernel.
INTERFACE, SRC, DST, SRCPORT, DSTPORT, PROTOCOL, PACKETS, BYTES, START, END, FLAGS, ACTION, STATUS, NONE, OTHER = range(15)
UNKNOWN, ACCEPTED, REFUSED = range(3)  # what an action in a list is to the kernel
# A row of sums: the first three are the key.
K_INTERFACE, K_PAIR, K_FACTS, S_TO_SERVER, S_TO_CLIENT, P_TO_SERVER, P_TO_CLIENT, S_FLOWS, S_FIRST, S_LAST, S_SEEN, WIDTH = range(12)
KEYS = S_TO_SERVER
HASH, WAITING_WIDTH = WIDTH, WIDTH + 1  # of a record that waits to be added
RECORDS, REJECTED, T_BYTES, T_PACKETS, TOTALS = range(5)
ROW_BITS = np.uint32(21)  # of an entry of the index: number of the row + 1; above, bits of its hash
GUESS, BY_SYN = STRENGTH[DirectionRule.GUESS], STRENGTH[DirectionRule.SYN]
LARGEST = 10**12  # packets or bytes of a record; there are few with more, and sums of millions of these fit
