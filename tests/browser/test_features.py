"""The second factor, invitations, the platform and the socket on the page of `bymax-auth dev`."""

import re

import pytest
from playwright.async_api import Browser, BrowserContext, Locator, expect

from tests.browser.looks import button_names, is_readable, tab_to
from tests.browser.person import MEMBER, Person
from tests.browser.visit import Visit, phone_and_desk
from tests.integration.cli.dev_server import DevServer

pytestmark = [pytest.mark.processes, pytest.mark.slow, pytest.mark.asyncio(loop_scope="session")]

FACTOR = "Add a second factor"
STEP = "Second factor"
INVITE = "Invite a person"
PLATFORM = "Be an administrator of the platform"
LIVE = "Watch a socket end with its login"
PHONE_CODE = "Code from the demo phone"
PASSWORD = "green tea in paris 71"


def items(person: Person, name: str) -> Locator:
    return person.page.get_by_role("list", name=name).get_by_role("listitem")


async def has_code(person: Person, title: str, label: str) -> None:
    """Let the demo phone fill in a code."""
    await person.presses(title, PHONE_CODE)
    field = person.section(title).get_by_label(label, exact=True)
    await expect(field).to_have_value(re.compile(r"^[0-9]{6}$"))
    await expect(field).to_be_focused()


@phone_and_desk
async def test_a_visitor_adds_a_second_factor_uses_it_and_turns_it_off(member: Person) -> None:
    """A visitor without a phone is locked out of a demo account, or cannot see what a second factor does."""
    page = member.page
    await member.presses(FACTOR, "Set up a second factor")
    code = member.section(FACTOR).get_by_role("img", name="QR code for an authenticator app")
    assert await code.evaluate("image => image.decode().then(() => image.naturalWidth > 0)")
    await expect(items(member, f"Recovery codes of {MEMBER}")).to_have_count(8)
    await is_readable(page)
    assert set((await button_names(page)).values()) == {1}
    await member.section(FACTOR).get_by_label("Code of the app", exact=True).fill("12345x")
    await member.presses(FACTOR, "Turn it on")
    await member.sees_fault(FACTOR, "Code of the app", "code")
    await has_code(member, FACTOR, "Code of the app")
    await member.presses(FACTOR, "Turn it on")
    await member.sees("Sign in", "The second factor is on, and every session has ended.")

    await member.presses("Sign in", "Sign in as MEMBER")
    await expect(member.section(STEP)).to_contain_text(MEMBER)
    await expect(member.section("Sign in")).to_be_hidden()
    await is_readable(page)
    assert set((await button_names(page)).values()) == {1}
    await member.section(STEP).get_by_label("Code of the app, or a recovery code").fill("000000")
    await member.presses(STEP, "Continue")
    await member.sees_fault(STEP, "Code of the app, or a recovery code", "Invalid MFA code.")
    await has_code(member, STEP, "Code of the app, or a recovery code")
    await page.keyboard.press("Enter")
    await member.sees("Signed in", "You are signed in, with both factors.")
    await expect(page.get_by_role("heading", name="Signed in")).to_be_focused()

    await member.sign_out()
    await member.presses("Sign in", "Sign in as MEMBER")
    await member.presses(STEP, "Use a recovery code")
    await member.presses(STEP, "Continue")
    await member.sees("Signed in", "You are signed in, with both factors.")
    await has_code(member, FACTOR, "Code of the app, to change the second factor")
    await member.presses(FACTOR, "Turn it off")
    await member.sees("Sign in", "The second factor is off, and every session has ended.")
    await member.presses("Sign in", "Sign in as MEMBER")
    await member.is_signed_in()


async def test_the_second_factor_needs_no_mouse(member: Person) -> None:
    """A person who uses the keyboard alone adds a second factor, and cannot pass or remove it."""
    page = member.page
    await tab_to(page, "Set up a second factor")
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("heading", name="Scan the QR code, or type the key")).to_be_focused()
    await tab_to(page, PHONE_CODE)
    await page.keyboard.press("Enter")
    await expect(member.section(FACTOR).get_by_label("Code of the app", exact=True)).to_be_focused()
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("heading", name="Sign in", exact=True)).to_be_focused()
    await tab_to(page, "Sign in as MEMBER")
    await page.keyboard.press("Enter")
    await expect(member.section(STEP).get_by_label("Code of the app, or a recovery code")).to_be_focused()
    await tab_to(page, PHONE_CODE)
    await page.keyboard.press("Space")
    await expect(member.section(STEP).get_by_label("Code of the app, or a recovery code")).to_be_focused()
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("heading", name="Signed in")).to_be_focused()
    await tab_to(page, PHONE_CODE)
    await page.keyboard.press("Enter")
    await expect(member.section(FACTOR).get_by_label("Code of the app, to change")).to_be_focused()
    await tab_to(page, "Turn it off")
    await page.keyboard.press("Enter")
    await member.sees("Sign in", "The second factor is off, and every session has ended.")
    await expect(page.get_by_role("heading", name="Sign in", exact=True)).to_be_focused()


async def test_recovery_codes_can_be_kept(member: Person, context: BrowserContext) -> None:
    """A person loses the phone, and has never been able to keep the codes."""
    await context.grant_permissions(["clipboard-read", "clipboard-write"])
    page = member.page
    await member.presses(FACTOR, "Set up a second factor")
    codes = items(member, f"Recovery codes of {MEMBER}")
    await expect(codes).to_have_count(8)
    shown = await codes.all_inner_texts()
    await member.presses(FACTOR, "Copy the codes")
    await member.sees(FACTOR, "The codes are in the clipboard.")
    assert (await page.evaluate("navigator.clipboard.readText()")).split() == shown
    await page.evaluate("window.print = () => { document.title = 'printed'; }")
    await member.presses(FACTOR, "Print the codes")
    await expect(page).to_have_title("printed")
    await page.emulate_media(media="print")
    await expect(codes.last).to_be_visible()
    for hidden in ("Signed in", "Mailbox", "Replay a stolen token"):
        await expect(member.section(hidden)).to_be_hidden()
    await expect(page.get_by_role("button")).to_have_count(0)
    await page.emulate_media(media="screen")
    await member.presses(FACTOR, "Hide the codes")
    await expect(codes).to_have_count(0)
    await expect(page.get_by_role("heading", name=FACTOR)).to_be_focused()


@phone_and_desk
async def test_an_invited_person_joins_and_moves_to_another_address(member: Person) -> None:
    """A visitor invites somebody, and cannot find where the invitation is accepted."""
    form = member.section(INVITE)
    guest = await form.get_by_label("Email to invite").input_value()
    await form.get_by_label("Role").select_option("ADMIN")
    await member.presses(INVITE, "Send the invitation")
    await member.sees_fault(INVITE, "Role", "a MEMBER may not invite to ADMIN.")
    await form.get_by_label("Role").select_option("MEMBER")
    await member.presses(INVITE, "Send the invitation")
    sent = f"The mailbox has an invitation for {guest}."
    await member.sees(INVITE, sent)
    await expect(form.get_by_role("status").filter(has_text=sent)).to_be_in_viewport(ratio=1)
    mail = member.section("Mailbox")
    await mail.get_by_role("button", name=re.compile(f"^Use this invitation: .*{guest}")).click()
    await expect(form.get_by_label("Your name")).to_be_focused()
    await is_readable(member.page)
    await form.get_by_label("Your name").fill("Bob Lima")
    await form.get_by_label("Your password").fill(PASSWORD)
    await member.presses(INVITE, "Accept the invitation")
    bob = Person(member.visit, guest)
    await bob.sees("Signed in", "You are signed in as the invited person.")
    await bob.is_signed_in()

    account = bob.section("Signed in")
    await account.get_by_text("Change your address").click()
    await account.get_by_label("New address").fill(f"new-{guest}")
    await account.get_by_label("Password of the account").fill("not the password 12")
    await bob.presses("Signed in", "Send a mail to the new address")
    await bob.sees_fault("Signed in", "Password of the account", "Invalid email or password.")
    await account.get_by_label("Password of the account").fill(PASSWORD)
    await bob.presses("Signed in", "Send a mail to the new address")
    await bob.sees("Signed in", "Nothing has changed yet.")
    await mail.get_by_role("button", name=re.compile(f"^Use this new address: .*new-{guest}")).click()
    await is_readable(bob.page)
    await bob.presses("Confirm the new address", "Change the address")
    await bob.sees("Signed in", "The address is changed, and the old one is told so.")
    await expect(account).to_contain_text(f"new-{guest}")
    await expect(
        mail.locator("summary").filter(has_text="Your email address was changed").first
    ).to_be_visible()


async def test_an_invitation_that_was_taken_back_is_void(member: Person) -> None:
    """Somebody joins with an invitation that its inviter has withdrawn."""
    form = member.section(INVITE)
    guest = await form.get_by_label("Email to invite").input_value()
    await member.presses(INVITE, "Send the invitation")
    use = member.section("Mailbox").get_by_role("button", name=re.compile(f"^Use this invitation: .*{guest}"))
    await use.wait_for()
    await member.presses(INVITE, "Take it back")
    await member.sees(INVITE, f"{guest} has no invitation now")
    await use.click()
    await form.get_by_label("Your name").fill("Bob Lima")
    await form.get_by_label("Your password").fill(PASSWORD)
    await member.presses(INVITE, "Accept the invitation")
    await member.sees_fault(INVITE, "Token from the invitation", "nvalid")
    await member.is_signed_in()


async def test_tokens_of_one_realm_open_nothing_in_the_other(member: Person) -> None:
    """A visitor has to believe that a platform administrator is no user of a tenant."""
    page = member.page
    await tab_to(page, "Sign in to the platform")
    await page.keyboard.press("Enter")
    await member.sees(PLATFORM, "You are signed in to the platform.")
    await expect(page.get_by_role("heading", name=PLATFORM)).to_be_focused()
    await tab_to(page, "Try every token in the other realm")
    await page.keyboard.press("Enter")
    tried = items(member, "Which tokens were let in")
    await expect(tried).to_have_text(
        [
            "The administrator's token at /auth/platform/me: let in, as root@example.com.",
            "The same token at /auth/me: refused (401), auth.token_invalid.",
            "The same token at /auth/sessions: refused (401), auth.token_invalid.",
            "The same token at /dev/demo/admin: refused (401), auth.token_invalid.",
            f"The cookie of {MEMBER} at /auth/platform/me: refused (401), auth.platform_auth_required.",
        ]
    )
    await is_readable(page)
    await member.presses(PLATFORM, "Leave the platform")
    await member.sees(PLATFORM, "You are signed out of the platform.")
    await member.is_signed_in()


async def test_a_socket_shows_that_another_tab_has_signed_out(
    member: Person, context: BrowserContext
) -> None:
    """A page goes on showing what is new to somebody who has signed out in another tab."""
    await member.presses(LIVE, "Open a socket")
    told = items(member, "What happened to the socket")
    await expect(told.last).to_contain_text(f"the ticket has opened the socket, as {MEMBER}")
    await is_readable(member.page)
    second = Person(Visit(await context.new_page(), member.visit.url), MEMBER)
    await second.open()
    await second.sign_out()
    await member.sees(LIVE, "Signed out. The server said so at once")
    await expect(told.last).to_contain_text("the server has closed the socket, token_revoked")
    await is_readable(member.page)


async def test_a_socket_comes_back_when_another_session_ends(
    member: Person, chromium: Browser, demo_server: DevServer
) -> None:
    """Somebody ends the session of a lost phone, and every page of theirs stays without news."""
    async with await chromium.new_context() as elsewhere:
        other = Person(Visit(await elsewhere.new_page(), demo_server.url), MEMBER)
        await other.open()
        await other.presses("Sign in", "Sign in as MEMBER")
        await other.is_signed_in()
        await member.presses(LIVE, "Open a socket")
        told = items(member, "What happened to the socket")
        await expect(told).to_have_count(1)
        await other.presses("End a session, timed", "End all other sessions")
        await other.sees("End a session, timed", "Every other session has ended.")
        await member.sees(LIVE, "Signed out. The server said so at once")
        await other.presses(LIVE, "Open a socket")
        await other.presses("End a session, timed", "Sign in a phone")
        await other.sees("End a session, timed", "A phone has signed in.")
        await other.presses("End a session, timed", "End Safari on iOS")
        told = items(other, "What happened to the socket")
        await expect(told.last).to_contain_text("the ticket has opened the socket")
        await expect(told).to_have_count(4)
        await other.presses(LIVE, "Close the socket")
        await expect(told.last).to_contain_text("you have closed the socket")
