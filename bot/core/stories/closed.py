"""Closed classes of language: the few words that make a fact by themselves, and which letters follow one another.

A closed class gets no new members: negations, weekdays, months, number words, words of grammar. Names, places, teams and
relations are open classes and are found by form, never listed. All words are as `normalise` leaves them, without marks
on their letters; languages share one set, since nobody says which language a post is in.
"""

_NEGATIONS = """
no not none nor neither never nobody nothing nowhere without hardly barely cannot cant wont isnt arent wasnt werent dont
doesnt didnt couldnt wouldnt shouldnt hasnt havent hadnt aint mustnt neednt shant mightnt
nicht nichts kein keine keinen keinem keiner keines nie niemals niemand nirgends ohne weder
ne ni pas jamais sans aucun aucune rien personne nest nai nont netait netaient nont navait nen ny
nunca jamas tampoco nadie nada ningun ninguna ninguno sin nao sem nem nenhum nenhuma ninguem
non mai senza ne nessuno nessuna niente nulla niet geen nooit zonder niks inte ikke ingen aldri aldrig ei
nie bez nigdy nikt niema не нет ни без никогда никто ничего нельзя degil hayir yok δεν μη μην οχι
لا لم لن ليس ليست ما بدون غير לא אין בלי नहीं मत ना 안 못 아니 않 tidak bukan tanpa
"""

_DAYS = """
monday tuesday wednesday thursday friday saturday sunday mon tue tues wed thu thur thurs fri sat sun weekend
today tomorrow yesterday tonight noon midday midnight
montag dienstag mittwoch donnerstag freitag samstag sonnabend sonntag heute gestern morgen mittags mitternacht
lundi mardi mercredi jeudi vendredi samedi dimanche aujourdhui demain hier midi minuit
lunes martes miercoles jueves viernes sabado domingo hoy manana ayer mediodia medianoche
segunda terca quarta quinta sexta feira hoje amanha ontem
lunedi martedi mercoledi giovedi venerdi domenica oggi domani ieri mezzogiorno mezzanotte
maandag dinsdag woensdag donderdag vrijdag zaterdag zondag vandaag gisteren
poniedzialek wtorek sroda czwartek piatek sobota niedziela dzis jutro wczoraj
понедельник вторник среда четверг пятница суббота воскресенье сегодня завтра вчера
"""

_MONTHS = """
january february march april june july august september october november december jan feb apr jun jul aug sep sept oct nov dec
januar februar maerz marz mai juni juli oktober dezember
janvier fevrier avril juin juillet aout septembre octobre novembre decembre
enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre
janeiro fevereiro marco maio junho julho setembro outubro novembro dezembro
gennaio febbraio aprile maggio giugno luglio settembre ottobre dicembre
"""

_NUMBERS = """
zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen
nineteen twenty thirty forty fifty sixty seventy eighty ninety hundred hundreds thousand thousands million millions billion
dozen half quarter double twice once first second third fourth fifth sixth seventh eighth ninth tenth both
null eins zwei drei vier funf sechs sieben acht neun zehn elf zwolf zwanzig dreissig dreißig vierzig funfzig hundert tausend
halb halbe erste erster ersten zweite zweiter zweiten dritte dritter dritten
deux trois quatre cinq sept huit neuf dix onze douze treize quatorze quinze seize vingt trente quarante cinquante soixante
cent mille premier premiere deuxieme troisieme demi
uno dos tres cuatro cinco seis siete ocho nueve diez once doce quince veinte treinta cuarenta cincuenta cien ciento mil
primero primera segundo tercero tercera medio media
dois duas quatro sete oito nove dez onze doze vinte trinta quarenta cinquenta cem primeiro primeira terceiro meia
due tre quattro cinque sei sette otto dieci undici dodici venti trenta quaranta cinquanta cento mila primo prima secondo terzo
een twee drie vijf zes zeven negen tien twaalf twintig honderd duizend eerste tweede derde
jeden dwa trzy cztery piec szesc siedem osiem dziewiec dziesiec sto tysiac
один два три четыре пять шесть семь восемь девять десять сто тысяча
"""

# Words of grammar: a post that says "tge" for one of them has mistyped it. Short ones of each language: two of one language
# are two words ("on", "no"), while one that only another language has ("is", "si") is a slip.
_GRAMMAR = (
    """
    a i an am as at be by do go he if in is it me my of on or so to up us we no not nor
    the and you for are but his her its our has had was who how why all any can did get got him out off let may new now old one two
    she that this with from have they them then than what when were will your been just here into like more some such very
    also back each even only over same their there these those which while where about after again could would should
    """,
    """
    der die das den dem des ein eine einen einem einer und oder aber ist sind war hat haben wird mit von vom zu zum zur im am an
    auf aus bei fur nach uber um vor wie so auch noch nur schon sich er sie es wir ihr ich du mein dein sein uns euch man dass in
    kein keine nicht nie
    """,
    """
    le la les un une des du de et ou est sont ete a au aux en dans par pour sur avec ce cet cette ces il elle on nous vous ils
    je tu mon ton son ma ta sa mes tes ses se qui que quoi si plus tres tout tous y ne ni pas sans
    """,
    """
    el los las la le uno una unos un de del y o es son fue ha han en con por para su sus mi tu se lo que como muy mas ya al ese esa
    este esta a no ni sin
    """,
    """
    o a os as um uma de do da dos das e ou foi tem em no na nos nas com por para seu sua meu minha ao mais ja isso nao sem nem
    """,
    """
    gli il lo la le un una di del della dei e ed che da in con su per tra si ha sono era mio tuo suo piu anche come al alla a o
    non ma mai ne
    """,
    """
    de het een en of is zijn was met van voor op te ik je hij zij ze we er ook nog maar dat dit die in niet geen
    """,
    """
    w z na do i to sie jest byl o po za od a nie bez
    """,
)

# Verbs of grammar: with one of them, words are a sentence of their own, which says something.
_VERBS = """
is isnt are arent was wasnt were werent be been being am im ive id ill has hasnt have havent had hadnt do does doesnt did didnt
will wont would wouldnt can cant could couldnt shall should shouldnt may might must gets got goes went hes shes its theyre
theyve were youre youve weve thats theres whats
ist sind war waren wird werden wurde wurden worden hat haben hatte hatten kann konnte muss musste soll sollte darf will wollte
bin bist seid habe hast habt
est sont etait etaient sera seront fut a ont avait avaient peut doit va vont cest suis es sommes etes ai
es son era eran fue fueron sera seran ha han habia hay esta estan estaba estaban puede debe va van estoy he
foi foram sao eram sera serao tem tinha ha esta estao estava pode deve vai vao estou
e sono era erano fu furono sara saranno ha hanno aveva avevano puo deve va vanno sta stanno ce
zijn waren wordt worden werd werden heeft hebben had hadden kan kon moet
byl byla bylo sa jest jsou je
"""

# Words by which people take back what was said, or say that it was wrong.
_CORRECTIONS = """
false fake hoax untrue wrong incorrect inaccurate misleading mistaken debunked retracted retraction retract correction corrected
corrections withdrawn disproved disproven disputed rumour rumor rumours rumors satire clarification denied denies deny misinformation
falsch falschmeldung fake unwahr irrtum irrtumlich korrektur korrigiert richtigstellung widerrufen dementi dementiert geruch ente
faux fausse fausses erreur rectificatif rectification dementi dementi dementie rumeur canular intox infox retracte corrige
falso falsa falsos falsas mentira bulo bulos rectificacion correccion desmentido desmentida desmiente rumor error
boato boatos correcao retificacao desmentido desmente mentira erro errata
bufala bufale smentita smentito smentisce rettifica correzione errore erratum
onjuist onwaar nepnieuws rectificatie correctie gerucht falszywe sprostowanie plotka ложь фейк опровержение неправда
"""

# Words by which people show how they feel about what they pass on, or ask others to do so. They tell nothing.
_REACTIONS = """
wow woah whoa omg omfg lol lmao haha hahaha ha hah oh ooh ah aah aw aww yay yes yeah yep yup hooray hurrah hurray woohoo woo hey hi
hello ugh gosh blimey bravo cheers congrats congratulations kudos respect thanks thank thankyou ta please pls plz share shared
sharing retweet repost reblog rts boost follow like spread word true truth this same agree agreed exactly indeed absolutely totally
amazing awesome brilliant incredible unbelievable fantastic wonderful lovely beautiful gorgeous great good nice cool super superb
epic legend legends love loving happy proud sad sadly crazy mad insane wild bonkers funny hilarious inspiring inspired inspirational
emotional tears goosebumps hero heroes well done everyone everybody all guys folks look see watch read here much really truly just
so too very what such xx xxx x
wahnsinn toll super krass geil genau stimmt bitte teilen danke schon herrlich unglaublich liebe gruss ja
magnifique superbe genial bravo merci partagez partager incroyable oui vrai trop beau belle
increible genial gracias comparte compartir compartan difundir si verdad viva olé ole bravo precioso
incrivel obrigado obrigada compartilhe partilhem sim verdade lindo linda
incredibile grazie condividete condividi si vero bello bella bravi brava stupendo
prachtig geweldig dank delen ja mooi
"""

NEGATIONS = frozenset(_NEGATIONS.split())
DATES = frozenset(_DAYS.split()) | frozenset(_MONTHS.split())
NUMBERS = frozenset(_NUMBERS.split())
_LANGUAGES = tuple(frozenset(words.split()) for words in _GRAMMAR)
# Each word with the languages it is a word of, as bits.
GRAMMAR = {
    word: sum(1 << number for number, words in enumerate(_LANGUAGES) if word in words)
    for word in frozenset().union(*_LANGUAGES)
}

# A word of one of these says something that can be true or not by itself.
CORRECTIONS = frozenset(_CORRECTIONS.split())
FACTS = (NEGATIONS | DATES | NUMBERS | CORRECTIONS) - frozenset({"un", "ne", "once", "sun", "sat", "second"})
VERBS = frozenset(_VERBS.split()) - frozenset({"a", "e", "ha", "he", "ill", "id", "va", "sa", "its"})
REACTIONS = frozenset(_REACTIONS.split())
# What may stand behind a text without saying more.
EMPTY = (REACTIONS | GRAMMAR.keys()) - VERBS - FACTS

# Words by which people say that they pass something on.
PASSING_ON = frozenset({"via", "rt", "mt", "ht", "cc"})

# Which letter follows which in words that posts in the languages above share ("_": the edge of a word). A slip of the
# finger mostly makes a pair that is not here; another word does not. Counted over posts: every pair in three words or more.
_FOLLOWS = {
    "_": "abcdefghijklmnopqrstuvwyz",
    "a": "_bcdefghiklmnprstuvwxyz",
    "b": "_abeilorstuy",
    "c": "_acehiklorstuy",
    "d": "_adegilmnorsuy",
    "e": "_abcdefghiklmnoprstuvwxyz",
    "f": "_aefilortuy",
    "g": "_aeghilnorsuy",
    "h": "_aeinortuy",
    "i": "_abcdefgklmnoprstuvxz",
    "j": "aeiou",
    "k": "_aeilnosy",
    "l": "_adefiklmopstuvy",
    "m": "_abeimopsuy",
    "n": "_acdefgijklnostuvyz",
    "o": "_abcdefghijklmnoprstuvwxyz",
    "p": "_aehiloprstuy",
    "q": "u",
    "r": "_abcdeghiklmnoprstuvyz",
    "s": "_acehiklmnopqrstuwy",
    "t": "_acefhilmorstuwyz",
    "u": "_abcdefgiklmnprstxyz",
    "v": "_aeioy",
    "w": "_aehinorsy",
    "x": "_aceipty",
    "y": "_aeilmnoprst",
    "z": "_aeioyz",
}
PAIRS = frozenset(first + second for first, seconds in _FOLLOWS.items() for second in seconds)

# Two consonants that words of these languages begin and end with.
_BEGINNINGS = """
st pr th ch tr sh br wh gr sp pl cl cr fr bl tw sc dr kn gl ph sm wr fl sl sw gh ps rh sn mc zw sk sq gn ll dz
sz cz kl kr qu ts vr
"""
_ENDINGS = """
ng nt ts ns st rs nd ll ss ds ch rd rt ks ck ht ld ms th ct ls ps rk gs rn sh wn lt ws ft rm gn sk gh nk pt lf
mp lk lm bs fs xt cs ff hs nn lp rp rl wl rg rf tt nz rz tz mt ph lb rb lz sch sp
"""

# Words of grammar that stand for a person: another one is another person.
_PERSONS = """
he she his her him me my we us you your our i they their them er sie ihr du el ella il elle lui
"""

BEGINNINGS = frozenset(_BEGINNINGS.split())
ENDINGS = frozenset(_ENDINGS.split())
PERSONS = frozenset(_PERSONS.split())
