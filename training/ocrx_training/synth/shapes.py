"""Our own letter forms: dots on a grid, seven segments, and strokes of a pen."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import TypeAlias

Rows: TypeAlias = tuple[int, ...]
"""A character of dots: for each row the bits of its dots, the leftmost the most significant."""

COLUMNS, ROWS = 5, 7

_DOTS = """
A 0E11111F111111  B 1E11111E11111E  C 0E11101010110E  D 1E11111111111E  E 1F10101E10101F
F 1F10101E101010  G 0E11101711110F  H 1111111F111111  I 0E04040404040E  J 0702020202120C
K 11121418141211  L 1010101010101F  M 111B1515111111  N 11111915131111  O 0E11111111110E
P 1E11111E101010  Q 0E11111115120D  R 1E11111E141211  S 0F10100E01011E  T 1F040404040404
U 1111111111110E  V 11111111110A04  W 11111115151B11  X 11110A040A1111  Y 1111110A040404
Z 1F01020408101F  1 040C040404040E  2 0E11010204081F  3 1F02040201110E  4 02060A121F0202
5 1F101E0101110E  6 0608101E11110E  7 1F010204080808  8 0E11110E11110E  9 0E11110F01020C
0 0E11131519110E
a 00000E010F110F  b 1010161911111E  c 00000E1010110E  d 01010D1311110F  e 00000E111F100E
f 0609081C080808  g 000F11110F010E  h 10101619111111  i 04000C0404040E  j 0200060202120C
k 10101214181412  l 0C04040404040E  m 00001A15151111  n 00001619111111  o 00000E1111110E
p 00001E111E1010  q 00000D130F0101  r 00001619101010  s 00000E100E011E  t 08081C08080906
u 0000111111130D  v 00001111110A04  w 0000111115150A  x 0000110A040A11  y 000011110F010E
z 00001F0204081F
- 0000001F000000  / 00010204081000  . 00000000000C0C  : 000C0C000C0C00  + 0004041F040400
( 02040808080402  ) 08040202020408  # 0A0A1F0A1F0A0A  % 18190204081303  * 0004150E150400
, 000000000C0408  = 00001F001F0000  _ 0000000000001F  & 0C12140815120D  $ 040F140E051E04
"""


def _dots() -> Mapping[str, Rows]:
    found = {" ": (0,) * ROWS}
    for entry in _DOTS.split("\n"):
        words = entry.split()
        for char, code in zip(words[::2], words[1::2], strict=True):
            found[char] = tuple(bytes.fromhex(code))
    return MappingProxyType(found)


DOTS: Mapping[str, Rows] = _dots()
"""Characters of 5 by 7 dots, as ink-jet printers and displays have them."""

NARROW_ZERO: Rows = (0x06, 0x09, 0x09, 0x09, 0x09, 0x09, 0x06)
DOTTED_ZERO: Rows = (0x0E, 0x11, 0x11, 0x15, 0x11, 0x11, 0x0E)
ZEROS = (DOTS["0"], NARROW_ZERO, DOTTED_ZERO)
"""Zeros that cannot be taken for an O."""

_SEGMENTS = """
0 abcdef  1 bc    2 abged 3 abgcd 4 fgbc  5 afgcd 6 afgedc 7 abc   8 abcdefg 9 abcdfg
A abcefg  C adef  E adefg F aefg  H bcefg L def   P abefg  U bcdef b cdefg   c deg
d bcdeg   h cefg  n ceg   o cdeg  r eg    t defg  u cde    - g     _ d
"""


def _segments() -> Mapping[str, str]:
    words = _SEGMENTS.split()
    return MappingProxyType(dict(zip(words[::2], words[1::2], strict=True)))


SEGMENTS: Mapping[str, str] = _segments()
"""The lit segments of a character: a at the top, b to f clockwise from it, g in the middle."""

SEGMENT_MARKS = " .:"
"""What a display of segments shows beside or between its digits."""

Stroke: TypeAlias = tuple[tuple[int, int], ...]

PEN_WIDTH, PEN_HEIGHT = 4, 6

_STROKES = """
A 062046 1434               B 003041423303 3344453606 0006   C 4130100105163645
D 00062645412000            E 40000646 0333                  F 400006 0333
G 41301001051636454323      H 0006 4046 0343                 I 2026
J 4045361605                K 0006 400346                    L 000646
M 0600234046                N 06004640                       O 103041453616050110
P 06003041423303            Q 103041453616050110 3446        R 06003041423303 2346
S 413010010213334445361605  T 0040 2026                      U 000516364540
V 002640                    W 0016223640                     X 0046 4006
Y 0023 4023 2326            Z 00400646                       0 102031352616050110
1 112026                    2 01103041420646                 3 011030414233 23334445361605
4 36300444                  5 400003334445361605             6 413010010516364544331304
7 004016                    8 103041423313020110 3344453616050413
9 051636454130100102133342  - 1333  / 0640  . 2626  : 2222 2525  + 2125 0343
( 30212536  ) 10212516      # 1016 3036 0242 0444  _ 0646  , 2617  * 2125 0244 4204
% 0640 1111 3535            = 0242 0444
"""


def _strokes() -> Mapping[str, tuple[Stroke, ...]]:
    found: dict[str, tuple[Stroke, ...]] = {" ": ()}
    char = ""
    for word in _STROKES.split():
        if len(word) == 1:
            char, found[word] = word, ()
        else:
            points = zip(word[::2], word[1::2], strict=True)
            found[char] += (tuple((int(x), int(y)) for x, y in points),)
    return MappingProxyType(found)


STROKES: Mapping[str, tuple[Stroke, ...]] = _strokes()
"""Characters as lines of a pen, 4 wide and 6 high, as plotters and engravers draw them."""
