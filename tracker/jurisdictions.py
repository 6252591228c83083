"""Names of countries, territories and regions as help pages write them -> one name for each.

English names and the short forms in use, and the Chinese names (both scripts) of those that an
exchange's pages name most. ISO 3166-1 (as of 2024) for the countries; subdivisions only where
rules on services are commonly made for them: states of the USA, provinces of Canada, emirates with
a regulator of their own, occupied regions of Ukraine. Short forms count in capitals only: `US` is
a country, `us` is not.
"""

import re
from collections.abc import Iterator
from typing import NamedTuple

_COUNTRIES = """
Afghanistan|Albania|Algeria|Andorra|Angola|Antigua and Barbuda|Argentina|Armenia|Australia|Austria
|Azerbaijan|Bahamas|Bahrain|Bangladesh|Barbados|Belarus|Belgium|Belize|Benin|Bhutan|Bolivia
|Bosnia and Herzegovina|Botswana|Brazil|Brunei|Bulgaria|Burkina Faso|Burundi|Cambodia|Cameroon
|Canada|Cape Verde|Central African Republic|Chad|Chile|China|Colombia|Comoros|Costa Rica
|Croatia|Cuba|Cyprus|Czech Republic|Democratic Republic of the Congo|Denmark|Djibouti|Dominica
|Dominican Republic|East Timor|Ecuador|Egypt|El Salvador|Equatorial Guinea|Eritrea|Estonia
|Eswatini|Ethiopia|Fiji|Finland|France|Gabon|Gambia|Georgia|Germany|Ghana|Greece|Grenada|Guatemala
|Guinea|Guinea-Bissau|Guyana|Haiti|Honduras|Hungary|Iceland|India|Indonesia|Iran|Iraq|Ireland
|Israel|Italy|Ivory Coast|Jamaica|Japan|Jordan|Kazakhstan|Kenya|Kiribati|Kosovo|Kuwait|Kyrgyzstan
|Laos|Latvia|Lebanon|Lesotho|Liberia|Libya|Liechtenstein|Lithuania|Luxembourg|Madagascar|Malawi
|Malaysia|Maldives|Mali|Malta|Marshall Islands|Mauritania|Mauritius|Mexico|Micronesia|Moldova
|Monaco|Mongolia|Montenegro|Morocco|Mozambique|Myanmar|Namibia|Nauru|Nepal|Netherlands|New Zealand
|Nicaragua|Niger|Nigeria|North Korea|North Macedonia|Norway|Oman|Pakistan|Palau|Palestine|Panama
|Papua New Guinea|Paraguay|Peru|Philippines|Poland|Portugal|Qatar|Republic of the Congo|Romania
|Russia|Rwanda|Saint Kitts and Nevis|Saint Lucia|Saint Vincent and the Grenadines|Samoa|San Marino
|Sao Tome and Principe|Saudi Arabia|Senegal|Serbia|Seychelles|Sierra Leone|Singapore|Slovakia
|Slovenia|Solomon Islands|Somalia|South Africa|South Korea|South Sudan|Spain|Sri Lanka|Sudan
|Suriname|Sweden|Switzerland|Syria|Taiwan|Tajikistan|Tanzania|Thailand|Togo|Tonga
|Trinidad and Tobago|Tunisia|Turkey|Turkmenistan|Tuvalu|Uganda|Ukraine|United Arab Emirates
|United Kingdom|United States|Uruguay|Uzbekistan|Vanuatu|Vatican City|Venezuela|Vietnam|Yemen
|Zambia|Zimbabwe
"""
_TERRITORIES = """
American Samoa|Anguilla|Aruba|Bermuda|British Virgin Islands|Cayman Islands|Christmas Island
|Cook Islands|Curacao|Falkland Islands|Faroe Islands|French Guiana|French Polynesia|Gibraltar
|Greenland|Guadeloupe|Guam|Guernsey|Hong Kong|Isle of Man|Jersey|Macau|Martinique|Mayotte
|Montserrat|New Caledonia|Niue|Northern Mariana Islands|Puerto Rico|Reunion|Sint Maarten
|Turks and Caicos Islands|United States Minor Outlying Islands|US Virgin Islands|Western Sahara
|Crimea|Donetsk|Luhansk|Kherson|Zaporizhzhia|Sevastopol|Abkhazia|South Ossetia|Transnistria
|Northern Ireland|Scotland|Wales|England|Mainland China
"""
_REGIONS = """
Africa|Asia|Europe|Latin America|Middle East|North America|South America|Southeast Asia
|European Union|European Economic Area|Gulf Cooperation Council|Caribbean|Oceania
"""
# Georgia stands among the countries.
_SUBDIVISIONS = """
Alabama|Alaska|Arizona|Arkansas|California|Colorado|Connecticut|Delaware|Florida|Hawaii|Idaho
|Illinois|Indiana|Iowa|Kansas|Kentucky|Louisiana|Maine|Maryland|Massachusetts|Michigan|Minnesota
|Mississippi|Missouri|Montana|Nebraska|Nevada|New Hampshire|New Jersey|New Mexico|New York
|North Carolina|North Dakota|Ohio|Oklahoma|Oregon|Pennsylvania|Rhode Island|South Carolina
|South Dakota|Tennessee|Texas|Utah|Vermont|Virginia|Washington|West Virginia|Wisconsin|Wyoming
|District of Columbia|Alberta|British Columbia|Manitoba|New Brunswick|Newfoundland and Labrador
|Nova Scotia|Nunavut|Ontario|Prince Edward Island|Quebec|Saskatchewan|Yukon|Northwest Territories
|Abu Dhabi|Dubai
"""
_ALIASES = {
    "Bolivia": "Plurinational State of Bolivia",
    "Brunei": "Brunei Darussalam",
    "Cape Verde": "Cabo Verde",
    "China": "People's Republic of China|PRC|P.R.C.",
    "Curacao": "Curaçao",
    "Czech Republic": "Czechia",
    "Democratic Republic of the Congo": "DRC|Democratic Republic of Congo|DR Congo|Congo-Kinshasa",
    "Donetsk": "DNR|DPR",
    "East Timor": "Timor-Leste",
    "Eswatini": "Swaziland",
    "European Economic Area": "EEA",
    "European Union": "EU",
    "Gulf Cooperation Council": "GCC",
    "Hong Kong": "HK|HKSAR|Hong Kong SAR",
    "Iran": "Islamic Republic of Iran",
    "Ivory Coast": "Côte d'Ivoire|Cote d'Ivoire",
    "Laos": "Lao PDR",
    "Latin America": "LATAM",
    "Luhansk": "LNR|LPR|Lugansk",
    "Macau": "Macao|Macao SAR",
    "Mainland China": "mainland China|Chinese mainland|Chinese Mainland",
    "Middle East": "MENA",
    "Myanmar": "Burma",
    "Netherlands": "The Netherlands|Holland",
    "North Korea": "DPRK|D.P.R.K.|Democratic People's Republic of Korea",
    "North Macedonia": "Macedonia",
    "Palestine": "State of Palestine",
    "Quebec": "Québec",
    "Republic of the Congo": "Congo-Brazzaville|Congo",
    "Reunion": "Réunion",
    "Russia": "Russian Federation",
    "Saint Kitts and Nevis": "St. Kitts and Nevis|St Kitts and Nevis",
    "Saint Lucia": "St. Lucia|St Lucia",
    "Saint Vincent and the Grenadines": "St. Vincent and the Grenadines",
    "Saudi Arabia": "KSA",
    "South Korea": "ROK|Republic of Korea|Korea",
    "Syria": "Syrian Arab Republic",
    "Turkey": "Türkiye|Turkiye",
    "US Virgin Islands": "U.S. Virgin Islands|United States Virgin Islands",
    "United Arab Emirates": "UAE|U.A.E.",
    "United Kingdom": "UK|U.K.|Great Britain",
    "United States": "US|U.S.|USA|U.S.A.|United States of America",
    "Vatican City": "Holy See",
    "Venezuela": "Bolivarian Republic of Venezuela",
    "Vietnam": "Viet Nam",
    "Zaporizhzhia": "Zaporizhia|Zaporozhye",
}
_CHINESE = {
    "Afghanistan": "阿富汗", "Argentina": "阿根廷", "Australia": "澳大利亚|澳洲|澳大利亞",
    "Bahamas": "巴哈马|巴哈馬", "Bangladesh": "孟加拉国|孟加拉", "Belarus": "白俄罗斯|白俄羅斯",
    "Brazil": "巴西", "Canada": "加拿大", "China": "中国|中國", "Crimea": "克里米亚|克里米亞",
    "Cuba": "古巴", "Donetsk": "顿涅茨克|頓涅茨克",
    "European Economic Area": "欧洲经济区|歐洲經濟區", "European Union": "欧盟|歐盟",
    "France": "法国|法國", "Germany": "德国|德國", "Hong Kong": "香港", "India": "印度",
    "Indonesia": "印度尼西亚|印度尼西亞|印尼", "Iran": "伊朗", "Iraq": "伊拉克",
    "Israel": "以色列", "Italy": "意大利", "Japan": "日本", "Luhansk": "卢甘斯克|盧甘斯克",
    "Macau": "澳门|澳門", "Mainland China": "中国大陆|中國大陸|中国内地|中國內地",
    "Malaysia": "马来西亚|馬來西亞", "Malta": "马耳他|馬耳他", "Mexico": "墨西哥",
    "Myanmar": "缅甸|緬甸", "Netherlands": "荷兰|荷蘭", "New Zealand": "新西兰|新西蘭|紐西蘭",
    "North Korea": "朝鲜|朝鮮|北韓", "Pakistan": "巴基斯坦", "Philippines": "菲律宾|菲律賓",
    "Russia": "俄罗斯|俄羅斯", "Singapore": "新加坡", "South Korea": "韩国|韓國|南韓",
    "Spain": "西班牙", "Sudan": "苏丹|蘇丹", "Switzerland": "瑞士", "Syria": "叙利亚|敘利亞",
    "Taiwan": "台湾|台灣|臺灣", "Thailand": "泰国|泰國", "Turkey": "土耳其",
    "Ukraine": "乌克兰|烏克蘭", "United Arab Emirates": "阿联酋|阿聯酋",
    "United Kingdom": "英国|英國", "United States": "美国|美國", "Venezuela": "委内瑞拉|委內瑞拉",
    "Vietnam": "越南", "Yemen": "也门|葉門",
}  # fmt: skip


class Named(NamedTuple):
    """A jurisdiction named in a text: where, and its one name."""

    start: int
    end: int
    name: str


def _listed(names: str) -> list[str]:
    return [name.strip() for name in names.split("|")]


_ONE_NAME = {
    name: name
    for table in (_COUNTRIES, _TERRITORIES, _REGIONS, _SUBDIVISIONS)
    for name in _listed(table)
}
_LATIN = dict(_ONE_NAME)
_LATIN |= {alias: name for name, aliases in _ALIASES.items() for alias in _listed(aliases)}
_IDEOGRAPHIC = {alias: name for name, aliases in _CHINESE.items() for alias in _listed(aliases)}


def _any_of(names) -> str:
    """The longest first, so that `Guinea` does not stand for `Equatorial Guinea`."""
    return "|".join(re.escape(name) for name in sorted(names, key=len, reverse=True))


# Words of ASCII letters that may begin a name; looked up, since trying every name at every capital
# takes ten times as long.
_WORD = re.compile(r"[A-Zm](?<![A-Za-z0-9].)[A-Za-z]*")
_FIRST_WORDS = frozenset(_WORD.match(name)[0] for name in _LATIN)
_LATIN_NAME = re.compile(rf"(?:{_any_of(_LATIN)})(?![A-Za-z0-9$]| [Dd]ollar)")
_IDEOGRAPHIC_NAME = re.compile(_any_of(_IDEOGRAPHIC))


def named(text: str) -> Iterator[Named]:
    """Every jurisdiction that a text names; first those in Latin letters, in order."""
    end = 0
    for word in _WORD.finditer(text):
        if word[0] in _FIRST_WORDS and word.start() >= end:
            match = _LATIN_NAME.match(text, word.start())
            if match:
                end = match.end()
                yield Named(match.start(), end, _LATIN[match[0]])
    if not text.isascii():
        for match in _IDEOGRAPHIC_NAME.finditer(text):
            yield Named(match.start(), match.end(), _IDEOGRAPHIC[match[0]])
