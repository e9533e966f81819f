"""What a cell shows while its value is not there yet: a formula at work, or one that has failed. Pure.

Sheets shows these in the language of the spreadsheet; files that come from other programs bring theirs along.
Source: https://support.google.com/docs/answer/3238305 and the lists of error values that spreadsheet programs have.
"""

# ruff: noqa: RUF001  # the words of other languages are meant as they are

from __future__ import annotations

import re
import unicodedata

_ERRORS = """
#N/A #REF! #VALUE! #NAME? #DIV/0! #NUM! #NULL! #ERROR! #SPILL! #CALC! #GETTING_DATA #BUSY! #CONNECT! #FIELD! #BLOCKED!
#UNKNOWN! #EXTERNAL! #PYTHON! #TIMEOUT! #CIRCULAR! #MACRO? #N/A! #NAME! #ERROR Err:502 Err:508 Err:522
#NV #BEZUG! #WERT! #ZAHL! #FEHLER! #ÜBERLAUF! #KALK! #DATEN_ABRUFEN #FELD! #BLOCKIERT!
#VALEUR! #NOM? #NOMBRE! #NUL! #ERREUR! #PROPAGATION! #DISPERSION! #DÉVERSEMENT! #CHAMP! #BLOQUÉ! #CALCUL!
#N/D #N/D! #¡REF! #¡VALOR! #¿NOMBRE? #¡DIV/0! #¡NUM! #¡NULO! #¡ERROR! #¡DESBORDAMIENTO! #¡CÁLCULO!
#VALOR! #NOME? #NÚM! #NULO! #ERRO! #DESPEJAR! #DERRAME! #RIF! #VALORE! #NULLO! #ERRORE! #ESPANSIONE! #EXPANS!
#N/B #VERW! #WAARDE! #NAAM? #DEEL/0! #GETAL! #LEEG! #FOUT! #OVERLOOP!
#ADR! #ARG! #NAZWA? #DZIEL/0! #LICZBA! #ZERO! #BŁĄD! #ROZLANIE!
#NENÍ_K_DISPOZICI #ODKAZ! #HODNOTA! #NÁZEV? #DĚLENÍ_NULOU! #ČÍSLO! #CHYBA! #PŘESAH! #NEDOSTUPNÝ #NÁZOV?
#HIÁNYZIK #HIV! #ÉRTÉK! #NÉV? #ZÉRÓOSZTÓ! #SZÁM! #NULLA! #HIBA! #KIBONTÁS! #VALOARE! #NUME? #EROARE!
#YOK #BAŞV! #DEĞER! #AD? #SAYI/0! #BÖL/0! #SAYI! #BOŞ! #HATA! #TAŞMA!
#SAKNAS #SAKNAS! #REFERENS! #VÄRDEFEL! #NAMN? #DIVISION/0! #OGILTIGT! #SKÄRNING! #FEL!
#I/T #REFERENCE! #VÆRDI! #NAVN? #FEJL! #OVERLØB! #VERDI! #FEIL!
#PUUTTUU #PUUTTUU! #VIITTAUS! #ARVO! #NIMI? #JAKO/0! #LUKU! #TYHJÄ! #VIRHE!
#Н/Д #ССЫЛКА! #ЗНАЧ! #ИМЯ? #ДЕЛ/0! #ЧИСЛО! #ПУСТО! #ОШИБКА! #ПЕРЕНОС! #ПОСИЛАННЯ! #ІМ'Я? #ПОМИЛКА!
#Δ/Υ #ΑΝΑΦ! #ΤΙΜΗ! #ΟΝΟΜΑ? #ΔΙΑΙΡ./0! #ΑΡΙΘ! #ΚΕΝΟ! #ΣΦΑΛΜΑ!
"""

_LOADING = """
Loading, Loading data, Still loading, Calculating, Fetching data, Getting data, Generating, Thinking
Wird geladen, Lädt, Laden, Lade, Daten werden geladen, Wird berechnet, Wird generiert
Chargement, Chargement en cours, En cours de chargement, Cargando, Cargando datos, Carregando, A carregar
Caricamento, Caricamento in corso, Bezig met laden, Aan het laden, Wczytywanie, Ładowanie, Trwa ładowanie
Trwa wczytywanie, Загрузка, Идёт загрузка, Идет загрузка, Завантаження, Läser in, Laddar, Indlæser, Laster, Laster inn
Ladataan, Načítání, Načítá se, Načítava sa, Betöltés, Yükleniyor, Se încarcă, Φόρτωση, Učitavanje, Nalaganje
Зареждане, Įkeliama, Ielāde, Laadimine, Memuat, Đang tải, กำลังโหลด, 読み込んでいます, 読み込み中, 로드 중, 로딩 중
불러오는 중, 正在加载, 加载中, 正在載入, 載入中, लोड हो रहा है, בטעינה, טוען, جارٍ التحميل, جار التحميل
"""

ERRORS = frozenset(_ERRORS.casefold().split())
LOADING = frozenset(one.strip() for one in re.split(r"[,\n]", _LOADING.casefold()) if one.strip())
LONGEST = 40

_DOTS = re.compile(r"\s*(\.{2,}|…)\s*$")


def is_pending(text: str) -> bool:
    """Whether a cell that shows this has no value yet (`Loading…`, `#N/A`); a plain "Loading" is somebody's word."""
    if not text or len(text) > LONGEST:
        return False
    visible = "".join(one for one in text if unicodedata.category(one) != "Cf").strip()
    dots = _DOTS.search(visible)
    if dots:
        return visible[: dots.start()].casefold() in LOADING
    return visible.casefold() in ERRORS
