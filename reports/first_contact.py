"""What first contact with a site showed, for the terminal."""

from rich.console import Console
from rich.text import Text

from reports.safe_text import one_line
from reports.wording import upper_first
from tracker.contact import FirstContact, PageContact, Verdict

VERDICTS: dict[Verdict, str] = {
    "fine": "Every page that was asked for was recognised.",
    "unrecognised": "Not every page was recognised: what is said of it above is worth a look.",
    "blocked": "The site keeps helpwatch out.",
    "unreachable": "The site did not answer.",
}
FORMS = {"json": "the page's JSON", "json-ld": "its JSON-LD", "html": "its HTML", "text": "text"}


def print_contact(contact: FirstContact, console: Console) -> None:
    """Every page with what was recognised, where its fields came from and what is unknown."""
    _say(console, Text(f"First contact with {one_line(contact.fetched_from, 300)}", "bold"))
    _say(console, Text(f"as {one_line(contact.user_agent, 300)}", "dim"))
    for page in (contact.robots, *contact.pages):
        _print_page(page, console)
    if contact.not_met:
        _say(console, Text(f"\nNot met: {', '.join(contact.not_met)}"))
    _say(console, Text(f"\n{VERDICTS[contact.verdict]}", "bold"))


def _print_page(page: PageContact, console: Console) -> None:
    purpose = one_line(page.purpose, 120)
    name = "robots.txt" if purpose == "robots" else upper_first(purpose)
    status = "" if page.status is None else f" ({page.status})"
    _say(console, Text.assemble((f"\n{name}", "bold"), status))
    if page.purpose != "robots":
        _line(console, one_line(page.url, 1_000), "cyan")
    if page.is_recognised:
        _line(console, f"Recognised: {one_line(page.told or '', 600)}")
    else:
        said = f"{one_line(page.trouble or '', 600)} [{page.trouble_kind}]"
        _line(console, f"Not recognised: {said}" if page.status else f"Not read: {said}", "yellow")
    for form, names in page.sources.items():
        _line(console, f"From {FORMS.get(form, form)}: {', '.join(names)}")
    if page.unknown:
        _line(console, f"Not on this page: {', '.join(page.unknown)}")
    for said in page.disagreements:
        _line(console, f"Its forms disagree: {one_line(said, 400)}", "yellow")
    for kind, count in page.unknown_nodes.items():
        _line(console, f"A kind of node not known, its text kept: {one_line(kind, 80)} ({count})")
    if page.saved_as:
        _line(console, f"Saved as {page.saved_as}", "dim")


def what_remains(contact: FirstContact) -> str:
    """For a site that keeps us out: two lines on what can be done without working around it."""
    reason = next(
        (page.trouble for page in contact.pages if page.trouble), "robots.txt is kept from us"
    )
    api = (
        f", its announcements API (GET {contact.announcements_url})"
        if contact.announcements_url
        else ""
    )
    return (
        f"{contact.fetched_from} blocks us ({one_line(reason, 200)}). helpwatch does not work "
        "around that.\n"
        "What remains: the site's permission (say who you are in crawl.user_agent), "
        f"`helpwatch import` of pages that a person saved{api}."
    )


def _say(console: Console, text: Text) -> None:
    console.print(text, soft_wrap=True, highlight=False)


def _line(console: Console, text: str, style: str = "") -> None:
    _say(console, Text(f"  {text}", style))
