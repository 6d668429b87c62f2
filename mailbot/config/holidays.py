"""Public holidays of a country or region: the one room of the holidays library, loaded when first needed."""

from datetime import date
from functools import lru_cache

from mailbot.errors import near_miss


def known(place: str) -> None:
    """Hold "FR" or "DE-BY" against the library; ValueError, in words, when it knows no such place."""
    # Importing it takes a fifth of a second: whoever names no country does not pay for it.
    from holidays import list_supported_countries  # noqa: PLC0415
    from holidays.registry import COUNTRIES  # noqa: PLC0415

    country, dash, region = place.partition("-")
    supported = list_supported_countries()
    if country not in supported:
        names = {name: codes[1] for name, codes in COUNTRIES.items()}
        meant = names.get(near_miss(country.lower().replace(" ", "_"), names) or "", country.upper())
        hint = f"did you mean {meant!r}?" if meant in supported else 'write a country\'s code, like "FR"'
        raise ValueError(f"no holidays are known for {country!r}: {hint}")
    if dash and region not in supported[country]:
        regions = ", ".join(supported[country])
        what = f"it knows {regions}" if regions else "it knows none there: write the country alone"
        raise ValueError(f"the holidays library knows no region {region!r} of {country}: {what}")


@lru_cache(maxsize=1024)
def holidays_in(place: str, year: int) -> frozenset[date]:
    """The public holidays of one year. `place` is one that is `known`.

    A fresh object each time: the library's own cache shows a year to other threads before it is filled.
    """
    from holidays import country_holidays  # noqa: PLC0415 (see above)

    country, _, region = place.partition("-")
    return frozenset(country_holidays(country, subdiv=region or None, years=year, expand=False))
