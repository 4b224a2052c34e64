"""Countries as addresses hold them: the ISO 3166-1 alpha-2 code that a code or a name stands for.

Where a text is no country that ISO names, it stays whatever it is; the caller decides. Phone numbers have their own
regions (``domain.phones``), and what is written in an address besides the country does not belong here.
"""

from functools import cache, lru_cache

from crmcli.domain.text import fold

FIELDS = frozenset({"country", "billing_country", "shipping_country"})  # of addresses, on any entity
_SILENT = frozenset({"the", "and"})


@lru_cache(maxsize=1024)
def country_code(text: str) -> str | None:
    """Return the alpha-2 code that a text stands for, None when it is no country.

    Codes of two and of three letters, English and Italian names and a few usual others; case, accents, punctuation,
    ``the`` and ``and`` do not matter, and ``St`` is ``Saint``.
    """
    return _index().get(_key(text))


@cache
def _index() -> dict[str, str]:
    found = {}
    for line in _COUNTRIES.strip().splitlines():
        code, longer, names = line.split(" ", 2)
        for word in (code, longer, *names.split(", ")):
            found[_key(word)] = code
    return found


def _key(text: str) -> str:
    words = "".join(char if char.isalnum() else " " for char in fold(text)).split()
    telling = ["saint" if word == "st" else word for word in words if word not in _SILENT]
    return "".join(telling or words)  # AND by itself is Andorra


# Code of two letters, code of three, English name, Italian name, other names. Territories of ISO 3166-1, which has no
# code for a part of a country, nor for one that is no more.
_COUNTRIES = """
AD AND Andorra, Principality of Andorra
AE ARE United Arab Emirates, Emirati Arabi Uniti, UAE, U.A.E., Emirates, EAU
AF AFG Afghanistan
AG ATG Antigua and Barbuda, Antigua e Barbuda
AI AIA Anguilla
AL ALB Albania
AM ARM Armenia
AO AGO Angola
AQ ATA Antarctica, Antartide, Antarctica (the territory South of 60 deg S)
AR ARG Argentina
AS ASM American Samoa, Samoa Americane
AT AUT Austria, Österreich
AU AUS Australia
AW ABW Aruba
AX ALA Åland Islands, Isole Åland, Åland
AZ AZE Azerbaijan, Azerbaigian
BA BIH Bosnia and Herzegovina, Bosnia ed Erzegovina, Bosnia, Bosnia-Herzegovina, Bosnia Erzegovina
BB BRB Barbados
BD BGD Bangladesh
BE BEL Belgium, Belgio, Belgique, België
BF BFA Burkina Faso
BG BGR Bulgaria
BH BHR Bahrain
BI BDI Burundi
BJ BEN Benin
BL BLM Saint Barthélemy, Saint-Barthélemy, Saint Barts
BM BMU Bermuda
BN BRN Brunei, Brunei Darussalam
BO BOL Bolivia, Plurinational State of Bolivia, Bolivia (Plurinational State of)
BQ BES Bonaire, Caraibi Olandesi, Bonaire Sint Eustatius and Saba, Caribbean Netherlands
BR BRA Brazil, Brasile, Brasil
BS BHS Bahamas
BT BTN Bhutan
BV BVT Bouvet Island, Isola Bouvet, Bouvet Island (Bouvetoya)
BW BWA Botswana
BY BLR Belarus, Bielorussia
BZ BLZ Belize
CA CAN Canada
CC CCK Cocos Islands, Isole Cocos, Cocos (Keeling) Islands, Isole Cocos e Keeling, Keeling Islands
CD COD Democratic Republic of the Congo, Repubblica Democratica del Congo, DR Congo, DRC, Congo-Kinshasa, \
Congo (Kinshasa), Congo (Democratic Republic of the), Congo (Democratic Republic), Zaire
CF CAF Central African Republic, Repubblica Centrafricana
CG COG Congo, Repubblica del Congo, Republic of the Congo, Congo-Brazzaville, Congo (Brazzaville)
CH CHE Switzerland, Svizzera, Schweiz, Suisse
CI CIV Côte d'Ivoire, Costa d'Avorio, Ivory Coast
CK COK Cook Islands, Isole Cook
CL CHL Chile, Cile
CM CMR Cameroon, Camerun
CN CHN China, Cina, People's Republic of China, PRC, Mainland China, Repubblica Popolare Cinese
CO COL Colombia
CR CRI Costa Rica
CU CUB Cuba
CV CPV Cabo Verde, Capo Verde, Cape Verde
CW CUW Curaçao
CX CXR Christmas Island, Isola di Natale
CY CYP Cyprus, Cipro
CZ CZE Czechia, Cechia, Czech Republic, Repubblica Ceca, Česko
DE DEU Germany, Germania, Deutschland, Federal Republic of Germany
DJ DJI Djibouti, Gibuti
DK DNK Denmark, Danimarca, Danmark
DM DMA Dominica
DO DOM Dominican Republic, Repubblica Dominicana
DZ DZA Algeria
EC ECU Ecuador
EE EST Estonia
EG EGY Egypt, Egitto
EH ESH Western Sahara, Sahara Occidentale
ER ERI Eritrea
ES ESP Spain, Spagna, España
ET ETH Ethiopia, Etiopia
FI FIN Finland, Finlandia, Suomi
FJ FJI Fiji, Figi
FK FLK Falkland Islands, Isole Falkland, Falkland Islands (Malvinas)
FM FSM Micronesia, Stati Federati di Micronesia, Federated States of Micronesia, Micronesia (Federated States of)
FO FRO Faroe Islands, Isole Fær Øer, Faroes, Isole Faroe, Isole Far Oer
FR FRA France, Francia
GA GAB Gabon
GB GBR United Kingdom, Regno Unito, UK, U.K., Great Britain, Gran Bretagna, Britain, \
United Kingdom of Great Britain and Northern Ireland
GD GRD Grenada
GE GEO Georgia
GF GUF French Guiana, Guyana Francese
GG GGY Guernsey
GH GHA Ghana
GI GIB Gibraltar, Gibilterra
GL GRL Greenland, Groenlandia
GM GMB Gambia
GN GIN Guinea
GP GLP Guadeloupe, Guadalupa
GQ GNQ Equatorial Guinea, Guinea Equatoriale
GR GRC Greece, Grecia, EL, Hellas, Hellenic Republic
GS SGS South Georgia and the South Sandwich Islands, Georgia del Sud e Isole Sandwich Australi
GT GTM Guatemala
GU GUM Guam
GW GNB Guinea-Bissau
GY GUY Guyana
HK HKG Hong Kong, Hong Kong SAR, Hong Kong SAR China
HM HMD Heard Island and McDonald Islands, Isole Heard e McDonald
HN HND Honduras
HR HRV Croatia, Croazia, Hrvatska
HT HTI Haiti
HU HUN Hungary, Ungheria, Magyarország
ID IDN Indonesia
IE IRL Ireland, Irlanda, Republic of Ireland, Éire
IL ISR Israel, Israele
IM IMN Isle of Man, Isola di Man
IN IND India
IO IOT British Indian Ocean Territory, Territorio Britannico dell'Oceano Indiano, \
British Indian Ocean Territory (Chagos Archipelago)
IQ IRQ Iraq
IR IRN Iran, Islamic Republic of Iran, Iran (Islamic Republic of)
IS ISL Iceland, Islanda
IT ITA Italy, Italia, Italian Republic, Repubblica Italiana, Italie, Italien
JE JEY Jersey
JM JAM Jamaica, Giamaica
JO JOR Jordan, Giordania
JP JPN Japan, Giappone
KE KEN Kenya
KG KGZ Kyrgyzstan, Kirghizistan, Kyrgyz Republic
KH KHM Cambodia, Cambogia
KI KIR Kiribati
KM COM Comoros, Comore
KN KNA Saint Kitts and Nevis, Saint Kitts e Nevis
KP PRK North Korea, Corea del Nord, Democratic People's Republic of Korea, DPRK, \
Korea (North), Korea Democratic People's Republic of
KR KOR South Korea, Corea del Sud, Republic of Korea, Korea, Corea, Korea (South), Korea Republic of
KW KWT Kuwait
KY CYM Cayman Islands, Isole Cayman
KZ KAZ Kazakhstan, Kazakistan
LA LAO Laos, Lao People's Democratic Republic
LB LBN Lebanon, Libano
LC LCA Saint Lucia, Santa Lucia
LI LIE Liechtenstein
LK LKA Sri Lanka
LR LBR Liberia
LS LSO Lesotho
LT LTU Lithuania, Lituania
LU LUX Luxembourg, Lussemburgo
LV LVA Latvia, Lettonia
LY LBY Libya, Libia, Libyan Arab Jamahiriya
MA MAR Morocco, Marocco
MC MCO Monaco, Principato di Monaco, Principality of Monaco
MD MDA Moldova, Moldavia, Republic of Moldova, Moldova Republic of
ME MNE Montenegro
MF MAF Saint Martin, Saint-Martin, Saint Martin (French part)
MG MDG Madagascar
MH MHL Marshall Islands, Isole Marshall
MK MKD North Macedonia, Macedonia del Nord, Macedonia
ML MLI Mali
MM MMR Myanmar, Birmania, Burma
MN MNG Mongolia
MO MAC Macao, Macau, Macao SAR
MP MNP Northern Mariana Islands, Isole Marianne Settentrionali
MQ MTQ Martinique, Martinica
MR MRT Mauritania
MS MSR Montserrat
MT MLT Malta
MU MUS Mauritius, Maurizio
MV MDV Maldives, Maldive
MW MWI Malawi
MX MEX Mexico, Messico
MY MYS Malaysia, Malesia
MZ MOZ Mozambique, Mozambico
NA NAM Namibia
NC NCL New Caledonia, Nuova Caledonia
NE NER Niger
NF NFK Norfolk Island, Isola Norfolk
NG NGA Nigeria
NI NIC Nicaragua
NL NLD Netherlands, Paesi Bassi, Holland, Olanda, Nederland
NO NOR Norway, Norvegia, Norge
NP NPL Nepal
NR NRU Nauru
NU NIU Niue
NZ NZL New Zealand, Nuova Zelanda, Aotearoa
OM OMN Oman
PA PAN Panama
PE PER Peru, Perù
PF PYF French Polynesia, Polinesia Francese
PG PNG Papua New Guinea, Papua Nuova Guinea
PH PHL Philippines, Filippine
PK PAK Pakistan
PL POL Poland, Polonia, Polska
PM SPM Saint Pierre and Miquelon, Saint-Pierre e Miquelon
PN PCN Pitcairn, Isole Pitcairn, Pitcairn Islands
PR PRI Puerto Rico, Porto Rico
PS PSE Palestine, Palestina, State of Palestine, Palestine State of, Palestinian Territory, Palestinian Territories
PT PRT Portugal, Portogallo
PW PLW Palau
PY PRY Paraguay
QA QAT Qatar
RE REU Réunion, Riunione
RO ROU Romania, România
RS SRB Serbia
RU RUS Russia, Russian Federation, Federazione Russa
RW RWA Rwanda, Ruanda
SA SAU Saudi Arabia, Arabia Saudita, Kingdom of Saudi Arabia, KSA
SB SLB Solomon Islands, Isole Salomone
SC SYC Seychelles
SD SDN Sudan
SE SWE Sweden, Svezia, Sverige
SG SGP Singapore
SH SHN Saint Helena, Sant'Elena, Saint Helena Ascension and Tristan da Cunha
SI SVN Slovenia, Slovenija
SJ SJM Svalbard and Jan Mayen, Svalbard e Jan Mayen, Svalbard and Jan Mayen Islands
SK SVK Slovakia, Slovacchia, Slovak Republic, Slovakia (Slovak Republic), Slovensko
SL SLE Sierra Leone
SM SMR San Marino, Republic of San Marino, Repubblica di San Marino
SN SEN Senegal
SO SOM Somalia
SR SUR Suriname
SS SSD South Sudan, Sudan del Sud
ST STP São Tomé and Príncipe, São Tomé e Príncipe
SV SLV El Salvador
SX SXM Sint Maarten, Saint Maarten, Sint Maarten (Dutch part)
SY SYR Syria, Siria, Syrian Arab Republic
SZ SWZ Eswatini, Swaziland
TC TCA Turks and Caicos Islands, Isole Turks e Caicos, Turks and Caicos
TD TCD Chad, Ciad
TF ATF French Southern Territories, Terre Australi Francesi, Terre australi e antartiche francesi
TG TGO Togo
TH THA Thailand, Thailandia, Tailandia
TJ TJK Tajikistan, Tagikistan
TK TKL Tokelau
TL TLS Timor-Leste, Timor Est, East Timor
TM TKM Turkmenistan
TN TUN Tunisia
TO TON Tonga
TR TUR Turkey, Turchia, Türkiye
TT TTO Trinidad and Tobago, Trinidad e Tobago, Trinidad
TV TUV Tuvalu
TW TWN Taiwan, Taiwan Province of China, Republic of China, ROC
TZ TZA Tanzania, United Republic of Tanzania, Tanzania United Republic of
UA UKR Ukraine, Ucraina
UG UGA Uganda
UM UMI United States Minor Outlying Islands, Isole Minori Esterne degli Stati Uniti
US USA United States, Stati Uniti, United States of America, Stati Uniti d'America, U.S., U.S.A., America
UY URY Uruguay
UZ UZB Uzbekistan
VA VAT Holy See, Santa Sede, Vatican City, Città del Vaticano, Vatican, Vaticano, Holy See (Vatican City State), \
Vatican City State
VC VCT Saint Vincent and the Grenadines, Saint Vincent e Grenadine, Saint Vincent
VE VEN Venezuela, Bolivarian Republic of Venezuela, Venezuela (Bolivarian Republic of)
VG VGB British Virgin Islands, Isole Vergini Britanniche, Virgin Islands (British)
VI VIR United States Virgin Islands, Isole Vergini Americane, U.S. Virgin Islands, US Virgin Islands, \
Virgin Islands (U.S.), Isole Vergini Statunitensi
VN VNM Vietnam, Viet Nam
VU VUT Vanuatu
WF WLF Wallis and Futuna, Wallis e Futuna
WS WSM Samoa
YE YEM Yemen
YT MYT Mayotte
ZA ZAF South Africa, Sudafrica, RSA
ZM ZMB Zambia
ZW ZWE Zimbabwe
"""
