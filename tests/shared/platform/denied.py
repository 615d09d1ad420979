"""Where no call may lead: forms that a resolver reads as such an address, and URLs that are not plain."""

from typing import Final

# The system's own resolver decides what each host means.
_HOSTS: Final = {
    "instance metadata and host services": """
      169.254.169.254 2852039166 0xa9fea9fe 0251.0376.0251.0376 169.254.43518 169.16689662 0xa9.0xfe.0xa9.0xfe
      169.0xfe.0251.254 0xA9FEA9FE 025177524776 168.63.129.16 2822734096 0xa83f8110 0250.077.0201.020 168.63.33040""",
    "this machine": """
      127.0.0.1 127.1 127.0.1 2130706433 0x7f000001 0x7f.1 017700000001 0177.0.0.1 127.255.255.254 0 0.0.0.0 0x0
      00000000 localhost LOCALHOST""",
    "private, shared, reserved, multicast, broadcast": """
      10.0.0.1 10.1 167772161 172.16.0.1 172.31.255.255 192.168.0.1 192.168.257 3232235777 100.64.0.1 100.127.255.254
      192.0.0.192 192.0.0.8 192.0.2.1 198.18.0.1 198.51.100.7 203.0.113.9 224.0.0.1 239.255.255.250 240.0.0.1
      255.255.255.255 192.88.99.1""",
    "IPv6 loopback, unspecified, mapped, compatible": """
      [::1] [0:0:0:0:0:0:0:1] [0000:0000:0000:0000:0000:0000:0000:0001] [::] [::ffff:127.0.0.1] [::ffff:7f00:1]
      [::ffff:169.254.169.254] [::ffff:a9fe:a9fe] [0:0:0:0:0:ffff:a9fe:a9fe] [::FFFF:A9FE:A9FE] [::169.254.169.254]
      [::a9fe:a9fe] [::7f00:1] [::ffff:0:169.254.169.254] [::ffff:8.8.8.8]""",
    "NAT64, 6to4, Teredo": """
      [64:ff9b::a9fe:a9fe] [64:ff9b::169.254.169.254] [64:ff9b::a83f:8110] [64:ff9b:1::a9fe:a9fe] [2002:a9fe:a9fe::]
      [2002:a9fe:a9fe::1] [2002:7f00:1::] [2002:a83f:8110::] [2001:0:4136:e378:8000:63bf:5601:5601] [2001::1]""",
    "link-local, unique local, site-local, multicast, documentation": """
      [fe80::1] [febf::1] [fc00::1] [fd00::1] [fd00:ec2::254] [fec0::1] [feff::1] [ff02::1] [ff0e::1] [2001:db8::1]
      [3fff::1] [100::1] [2001:20::1] [5f00::1]""",
}
HOSTS: Final = [host for hosts in _HOSTS.values() for host in hosts.split()]

URLS: Final = [
    # other alphabets that a resolver may take for digits, dots or letters
    *(f"https://{host}/" for host in ("①⑥⑨.②⑤④.①⑥⑨.②⑤④", "①②⑦.⓪.⓪.①", "127。0。0。1", "loc\u00adalhost")),
    "https://\uff11\uff12\uff17.0.0.1/",
    # a user, or what one parser takes for it and another does not
    *(f"https://{host}/" for host in ("user@example.com", "user:password@example.com", "example.com@169.254.169.254")),
    *(f"https://{host}/" for host in ("169.254.169.254\\@example.com", "example.com\\@169.254.169.254")),
    "https://example.com:443@127.0.0.1/",
    "https://example.com/#@127.0.0.1",
    # zones, brackets, escapes, controls and blanks
    *(f"https://{host}/" for host in ("[fe80::1%25eth0]", "[fe80::1%eth0]", "[::1", "::1", "%31%32%37.0.0.1")),
    *(f"https://{host}/" for host in ("127.0.0.1%00.example.com", "example.com\x00.internal", "exa mple.com")),
    "https://example.com/\r\nX: y",
    " https://example.com/",
    # no host, no scheme, another scheme
    *("https:///127.0.0.1/", "https:127.0.0.1", "//127.0.0.1/", "https://", "", "https://:443/", "http://example.com/"),
    *(
        "ftp://example.com/",
        "file:///etc/passwd",
        "gopher://127.0.0.1:6379/_",
        "unix:///run/x.sock",
        "data:text/plain,x",
    ),
    # ports of other services, and none at all
    *(f"https://example.com:{port}/" for port in (22, 80, 6379, 0, 65536, 99999, -1)),
]

# Not even where private addresses are allowed.
NEVER: Final = [
    *("169.254.169.254", "168.63.129.16", "0.0.0.0", "100.64.0.1", "192.0.0.192", "224.0.0.1", "255.255.255.255"),
    *("::", "::ffff:127.0.0.1", "::ffff:10.0.0.1", "::127.0.0.1", "64:ff9b::a9fe:a9fe", "64:ff9b::7f00:1"),
    *("2002:a9fe:a9fe::1", "2001::1", "fe80::1", "fec0::1", "ff02::1", "fd00:ec2::254"),
]
