"""Portuguese."""

from typing import Final

from bymax_auth.providers.wording.wording import MailText, Wording

__all__ = ["PORTUGUESE"]

_IGNORE = "Se você não fez este pedido, ignore este e-mail: nada foi alterado."
_SECRET = "Não compartilhe com ninguém; nós nunca pedimos."
_ONCE = f"Funciona uma única vez e por pouco tempo. {_SECRET}"

PORTUGUESE: Final = Wording(
    hello="Olá!",
    hello_name="Olá, {name}!",
    welcome="Boas-vindas!",
    welcome_name="Boas-vindas, {name}!",
    open_link="Para {purpose}, abra este link:\n{link}",
    use_token="Para {purpose}, use este token:\n{token}",
    enter_code="Para {purpose}, digite este código:\n\n{token}",
    choose_password="escolher uma nova senha",
    verify_address="confirmar que este endereço é seu",
    verify_new_address="confirmar que ele é seu",
    accept="aceitar",
    unknown="desconhecido",
    password_reset=MailText(
        "Redefina sua senha", ("Alguém pediu para redefinir a sua senha. {action}", _ONCE, _IGNORE)
    ),
    password_reset_otp=MailText(
        "Seu código para redefinir a senha",
        ("Alguém pediu para redefinir a sua senha. {action}", _ONCE, _IGNORE),
    ),
    email_verification_otp=MailText("Confirme seu endereço de e-mail", ("{action}", _ONCE, _IGNORE)),
    password_changed=MailText(
        "Sua senha foi alterada",
        (
            "A senha da sua conta foi alterada. Se foi você, não precisa fazer nada.",
            "Se não foi você, redefina sua senha agora e fale com o nosso suporte.",
        ),
    ),
    email_change_verification=MailText(
        "Confirme seu novo endereço de e-mail",
        ("Alguém pediu para usar este endereço em uma conta. {action}", _ONCE, _IGNORE),
    ),
    email_changed=MailText(
        "Seu endereço de e-mail foi alterado",
        (
            "Sua conta agora usa {new} em vez de {old}. Se foi você, não precisa fazer nada.",
            (
                "Se não foi você, fale com o nosso suporte imediatamente: quem fez a alteração pode entrar "
                "na sua conta."
            ),
        ),
    ),
    mfa_enabled=MailText(
        "A verificação em duas etapas está ativada",
        (
            (
                "Para entrar na sua conta agora é preciso um código do seu aplicativo autenticador. Guarde "
                "seus códigos de recuperação em um lugar seguro."
            ),
            "Se não foi você, redefina sua senha agora e fale com o nosso suporte.",
        ),
    ),
    mfa_disabled=MailText(
        "A verificação em duas etapas está desativada",
        (
            "Para entrar na sua conta não é mais preciso um código do seu aplicativo autenticador.",
            "Se não foi você, redefina sua senha, ative a verificação de novo e fale com o nosso suporte.",
        ),
    ),
    new_session_alert=MailText(
        "Novo acesso à sua conta",
        (
            "Houve um novo acesso à sua conta:",
            "Dispositivo: {device}\nEndereço IP: {ip}",
            (
                "Se foi você, não precisa fazer nada. Se não foi você, altere sua senha e encerre as outras "
                "sessões."
            ),
        ),
    ),
    invitation=MailText(
        "{inviter} convida você para {tenant}",
        (
            "{inviter} convida você para participar de {tenant}. {action}",
            f"Funciona uma única vez, até {{until}}. {_SECRET}",
            "Se você não esperava este convite, ignore este e-mail.",
        ),
    ),
)
