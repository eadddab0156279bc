"""The rows of the reliability matrix: what has to end well, each proven by a test.

Tests carry the rows that they prove: `@pytest.mark.row("O-017")`. `test_reliability.py` fails for
a row without a test. `pytest -m row` runs them all, and with `scripts/test --postgres` on
PostgreSQL too.
"""

CASES = """
O-001 401, the key is wrong
O-002 401 whose message holds the whole key
O-003 404, the model is gone
O-004 429 with a short Retry-After, then an answer
O-005 429 with a Retry-After of an hour
O-006 429, the budget of the service is used up
O-007 400, the conversation is too long
O-008 400, a parameter is not supported
O-009 400, the content rules
O-010 500 twice, then an answer
O-011 502 with the HTML of a proxy, always
O-012 400 in any shape
O-013 an error with markup, ANSI colours and line ends in its words
O-014 connection refused
O-015 a host that no DNS knows
O-016 a certificate that nobody signed
O-017 a service that never answers
O-018 headers, then nothing
O-019 three parts, then silence
O-020 three parts, then comments for ever
O-021 three parts, then closed
O-022 three parts, then reset
O-023 three parts, a clean end, no finish reason
O-024 all but [DONE]
O-025 a pause below the limit
O-026 an error inside the stream
O-027 an event that is no JSON
O-028 chunks without choices
O-029 chunks of odd shapes
O-030 usage on the last chunk
O-031 no usage at all
O-032 the length limit
O-033 the content filter after three parts
O-034 a refusal
O-035 calls of tools that nobody offered
O-036 an answer without text
O-037 200, and no stream
O-038 reasoning, then text
O-039 all that the standard allows in events
O-040 an answer with U+0000
O-041 a message with U+0000
O-042 half an emoji
O-043 an emoji in two chunks
O-044 a character in two segments
O-045 an answer that looks like events
O-046 a message of twice the limit
O-047 a message of white space
O-048 Arabic, Czech, Chinese, and emoji of several
O-049 one chunk of a megabyte
O-050 ten megabytes
O-051 20,000 chunks of one character
O-052 one character a second
O-053 an answer without end
O-054 Markdown that is costly to read
O-055 a double click on Send
O-056 a reload before the first word
O-057 a POST that is sent again
O-058 two tabs on one conversation
O-059 a message in one tab while another has a reply running
O-060 the browser is closed during a reply
O-061 the network goes and comes back
O-062 Stop at the third part
O-063 Stop in the moment of the end
O-064 Stop before the first word
O-065 the conversation is deleted during a reply
O-066 Regenerate
O-067 Regenerate during a reply
O-068 an earlier message is edited
O-069 a log-out in another tab during a reply
O-070 the session ends while a message is typed
O-071 everything without scripts
O-072 a tab in the background
O-073 SIGKILL during a reply
O-074 SIGTERM during replies
O-075 SIGTERM with streams open
O-076 a start with rows that a dead process has left
O-077 a process that sleeps for longer than its lease
O-078 an exception of ours in the thread
O-079 a server's own time limit below that of a reply
O-080 the clock jumps by an hour
O-081 a message while the process shuts down
O-082 SQLite locked for 3 s
O-083 SQLite locked for longer than we wait
O-084 400 messages of 8 people at once
O-085 PostgreSQL drops all connections during a reply
O-086 the disk is full
O-087 SIGKILL a hundred times while messages are written
O-088 a backup while replies are written, restored elsewhere
O-089 ten messages for four threads
O-090 the queue is full
O-091 one person sends ten, another one
O-092 a thousand open streams
O-093 more than the budget
O-094 one message more than a minute allows
O-095 a photo with a position and an orientation
O-096 a picture that is none
O-097 a picture of 400 megapixels in 200 KB
O-098 a file over the limit
O-099 a picture is refused by the content rules
O-100 a picture that never comes
O-101 what comes is no picture
O-102 the picture is at another host
O-103 killed between a file and its row
O-104 names of files that lead elsewhere
O-105 exports are complete
O-106 a PDF fetches nothing
O-107 another person's addresses
O-108 nobody's addresses
O-109 ids of another person in a form
O-110 fields that no form has
O-111 a link for everybody, revoked
O-112 a person is deleted during a reply
O-113 an administrator opens a conversation
O-114 Redis stops while replies are followed
O-115 Redis comes back
O-116 a start without Redis
O-117 Redis is full, or loading
O-118 a Celery worker is killed during a reply
O-119 the broker is away at the send
O-120 migrations while the old code serves
O-121 a migration is killed half-way
O-122 a download or a stream of more than 64 kB, as browsers read it
O-123 a model that was switched off, or soon will be
O-124 the list of models is not known yet
O-125 a thousand models
O-126 Back, Forward and reload after each kind of swap
O-127 every action in a text browser
O-128 the session is over when any form is sent
O-129 a conversation that does not fit, and a service that does not say so
O-130 text, thoughts and pictures wherever an answer may hold them
O-131 an end that is not known to mean complete
O-132 thoughts between any marks
O-133 errors in the words of other services
O-134 a service that will not stream
O-135 a picture inside a reply
O-136 a reply with its sources
O-137 an import with parts of kinds that Parlor does not know
O-138 exports of other programs, and files that are none
O-139 a reply that imitates the turns of an export
O-140 a PDF of what is wider than its paper
O-141 attached text in any encoding, and damaged
O-142 attached office files, hostile ones too
O-143 a reply that ended early with some text
O-144 a call of a model that is forbidden, without a price, or past the budget
O-145 limits while conversations are erased and time zones changed
O-146 limits of all people together
O-147 text without end, by messages, copies and imports
O-148 a request that costs much more than it weighs
O-149 strangers where registration needs an address or an invitation
O-150 floods of addresses that look urgent, of wrong passwords, of large bodies
O-151 more requests of one address at once than anybody may have
O-152 bodies for addresses and from senders that may not have them
O-153 what strangers post, to be kept until they have logged in
O-154 documents that take long to read or to lay out, of one person
O-155 long replies of what takes long to lay out
O-157 staff who ask the admin for what its pages do not offer
O-158 the secrets of two steps at rest, and processes of before
O-159 staff who change people, and those with more rights
O-160 guesses at one account from many addresses, and its owner
O-161 headers that arrive slowly
O-162 an address, a proxy, a database or an account of staff that is not as it should be
O-163 a setting that the documents and the table tell differently
O-164 a wrong setting, in any part that starts
O-165 variables that other programs set
O-166 a URL with options, of the database or the mail server
O-167 the deployment of the README: probes, other hosts and ports, restarts, upgrades
O-168 a backup while files come and go
O-169 a backup with its files in S3
O-170 a damaged backup, and a full disk
O-171 a backup from before an upgrade
O-172 why the reply of one among many failed
O-173 figures for Prometheus
O-174 no more open files, and lines that repeat
O-175 the storage of files is away
"""

ROWS = dict(line.split(" ", 1) for line in CASES.strip().splitlines())

# Rows that are wrong or mean nothing here in part: what the tests hold instead, and why.
READ_AS = {
    "O-012": "“model is not loaded” is told as `model`: another one may answer.",
    "O-020": "Empty chunks are as little an answer as comments; both end at the silence limit.",
    "O-027": "Ends with what came before the broken event: after it nothing can be trusted.",
    "O-032": "Continue makes another version of the reply, which begins with the text so far.",
    "O-035": "Told as what it is, a call of a tool, instead of as an empty answer.",
    "O-037": "An error object with status 200 is told as the same error with a status of its own.",
    "O-067": "Refused: whoever wants another version stops the one on its way.",
    "O-083": "What opens only reads, so it goes on; the 60 s are made to be less than a second.",
    "O-085": "On SQLite nothing can be dropped; the test needs scripts/test --postgres.",
    "O-092": "With 300 streams of 15 people; scripts/benchmark.py opens a thousand.",
    "O-111": "The link shows the state at sharing, and names files without giving them.",
}
