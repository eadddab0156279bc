"""Names of TeX's commands that say the same as another, or nothing that can be shown."""

# The name of each, and what stands for it: a command without its backslash, or a sign.
_SAME = r"""
O text{Ø}   cross times   hdots ldots   qand quad\text{and}\quad   qed square
qif quad\text{if}\quad   qor quad\text{or}\quad   thickapprox approx   thicksim sim
trace operatorname{tr}   vdot cdot   varpropto propto
AA text{Å}   Bbb mathbb   C mathbb{C}   Complex mathbb{C}
Cov operatorname{Cov}   F mathbb{F}   N mathbb{N}   Q mathbb{Q}   R mathbb{R}   Reals mathbb{R}
Res operatorname{Res}   Span operatorname{span}   Tr operatorname{Tr}   Var operatorname{Var}
Z mathbb{Z}   arccot operatorname{arccot}   arccsc operatorname{arccsc}
arcosh operatorname{arcosh}   arcsec operatorname{arcsec}   arctg operatorname{arctg}
argmax operatorname*{arg\,max}   argmin operatorname*{arg\,min}   arsinh operatorname{arsinh}
artanh operatorname{artanh}   bigtimes times   celsius text{°C}   ch operatorname{ch}
cnums mathbb{C}   cotg operatorname{cotg}   csch operatorname{csch}   ctg operatorname{ctg}
curl nabla\times   degree circ   diag operatorname{diag}   differentialD mathrm{d}
dotsb cdots   dotsc ldots   dotsi cdots   dotsm cdots   dotso ldots   doublecap Cap
doublecup Cup   erf operatorname{erf}   esssup operatorname*{ess\,sup}   euro text{€}
grad nabla   gt >   iddots ddots   idotsint int\cdots\int   infin infty   intd int
laplacian nabla^2   lcm operatorname{lcm}   lt <   mathbbm mathbb   mathbfit boldsymbol
mathds mathbb   mathnormal mathit   mathup mathrm   micro mu   natnums mathbb{N}   ohm Omega
overarc overparen   plim operatorname*{plim}   pmb boldsymbol   rank operatorname{rank}
reals mathbb{R}   sech operatorname{sech}   sgn operatorname{sgn}   sh operatorname{sh}
sign operatorname{sign}   symbf mathbf   symit mathit   symsf mathsf   symtt mathtt
symup mathrm   tg operatorname{tg}   th operatorname{th}   tr operatorname{tr}
varinjlim injlim   varliminf liminf   varlimsup limsup   varprojlim projlim
wideparen overparen
"""
_WITHOUT_MEANING = r"""
nonumber notag hfill hfil allowbreak nobreak noindent centering break newline par strut null
tiny scriptsize footnotesize small normalsize large Large LARGE huge Huge relax protect
displaylimits goodbreak noalign medskip smallskip bigskip toprule midrule
"""
_NOT_SHOWN = r"""
label require vspace usepackage cline cmidrule tagsleft thispagestyle
"""
_SIZED = r"""
left right middle big Big bigg Bigg bigl Bigl biggl Biggl bigr Bigr biggr Biggr bigm Bigm
biggm Biggm
"""

_WORDS = _SAME.split()
SAME = dict(zip(_WORDS[::2], _WORDS[1::2], strict=True))
DROPPED = tuple(_WITHOUT_MEANING.split())
DROPPED_WITH_ARGUMENT = tuple(_NOT_SHOWN.split())
BEFORE_FENCES = tuple(_SIZED.split())
