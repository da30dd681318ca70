/* A filter on the C library that says at each command what ours says, so that the two libraries can be
 * compared packet by packet: filter SOCKET [enforce]
 *
 * What it decides is as simple as it can be: a From field with the brand's name is a forgery. */
#include <libmilter/mfapi.h>
#include <stdlib.h>
#include <string.h>

/* As many octets of a body as ours is configured to read. */
#define MAX_BODY 102400

static int enforce;

struct message {
    int claims;
    size_t body;
};

static void forget(SMFICTX *ctx)
{
    struct message *message = smfi_getpriv(ctx);
    if (message != NULL)
        memset(message, 0, sizeof *message);
}

static sfsistat on_negotiate(SMFICTX *ctx, unsigned long f0, unsigned long f1, unsigned long f2,
    unsigned long f3, unsigned long *pf0, unsigned long *pf1, unsigned long *pf2, unsigned long *pf3)
{
    (void)f0, (void)f1, (void)f2, (void)f3;
    *pf0 = SMFIF_ADDHDRS | SMFIF_CHGHDRS | (enforce ? SMFIF_QUARANTINE : 0);
    *pf1 = SMFIP_SKIP | SMFIP_HDR_LEADSPC | SMFIP_NOUNKNOWN | SMFIP_NR_CONN | SMFIP_NR_HELO |
        SMFIP_NR_RCPT | SMFIP_NR_HDR;
    *pf2 = *pf3 = 0;
    smfi_setsymlist(ctx, SMFIM_ENVFROM, "{auth_authen}");
    smfi_setsymlist(ctx, SMFIM_EOH, "i");
    smfi_setsymlist(ctx, SMFIM_EOM, "i");
    return SMFIS_CONTINUE;
}

static sfsistat on_connect(SMFICTX *ctx, char *host, _SOCK_ADDR *address)
{
    (void)host, (void)address;
    if (smfi_getpriv(ctx) == NULL)
        smfi_setpriv(ctx, calloc(1, sizeof(struct message)));
    forget(ctx);
    return SMFIS_NOREPLY;
}

static sfsistat on_helo(SMFICTX *ctx, char *name)
{
    (void)name;
    forget(ctx);
    return SMFIS_NOREPLY;
}

static sfsistat on_mail(SMFICTX *ctx, char **arguments)
{
    (void)arguments;
    forget(ctx);
    return SMFIS_CONTINUE;
}

static sfsistat on_rcpt(SMFICTX *ctx, char **arguments)
{
    (void)ctx, (void)arguments;
    return SMFIS_NOREPLY;
}

static sfsistat on_data(SMFICTX *ctx)
{
    (void)ctx;
    return SMFIS_CONTINUE;
}

static sfsistat on_header(SMFICTX *ctx, char *name, char *value)
{
    struct message *message = smfi_getpriv(ctx);
    if (message != NULL && strcmp(name, "From") == 0 && strstr(value, "amazon.com") != NULL)
        message->claims = 1;
    return SMFIS_NOREPLY;
}

static sfsistat on_eoh(SMFICTX *ctx)
{
    struct message *message = smfi_getpriv(ctx);
    return message != NULL && message->claims ? SMFIS_CONTINUE : SMFIS_ACCEPT;
}

static sfsistat on_body(SMFICTX *ctx, unsigned char *octets, size_t length)
{
    struct message *message = smfi_getpriv(ctx);
    (void)octets;
    message->body += length;
    return message->body > MAX_BODY ? SMFIS_SKIP : SMFIS_CONTINUE;
}

static sfsistat on_eom(SMFICTX *ctx)
{
    struct message *message = smfi_getpriv(ctx);
    int claims = message != NULL && message->claims;
    forget(ctx);
    if (!claims)
        return SMFIS_ACCEPT;
    if (enforce) {
        smfi_setreply(ctx, "550", "5.7.26",
            "Message refused by policy (forged): the author domain could not be authenticated");
        return SMFIS_REJECT;
    }
    for (int field = 0; field < 5; field++)
        smfi_insheader(ctx, 0, "X-Field", " x");
    return SMFIS_ACCEPT;
}

static sfsistat on_abort(SMFICTX *ctx)
{
    forget(ctx);
    return SMFIS_CONTINUE;
}

static sfsistat on_close(SMFICTX *ctx)
{
    free(smfi_getpriv(ctx));
    smfi_setpriv(ctx, NULL);
    return SMFIS_CONTINUE;
}

int main(int count, char **arguments)
{
    struct smfiDesc filter = { "filter", SMFI_VERSION,
        SMFIF_ADDHDRS | SMFIF_CHGHDRS | SMFIF_QUARANTINE, on_connect, on_helo, on_mail, on_rcpt,
        on_header, on_eoh, on_body, on_eom, on_abort, on_close, NULL, on_data, on_negotiate };
    if (count < 2)
        return 2;
    enforce = count > 2 && strcmp(arguments[2], "enforce") == 0;
    smfi_setconn(arguments[1]);
    if (smfi_register(filter) != MI_SUCCESS)
        return 1;
    return smfi_main();
}
