/* A filter on C libmilter that decides nothing: what the protocol alone costs. It takes header and
 * body without an answer, as a filter that verifies signatures must, and adds one field.
 *
 *   noop SOCKET       inet:PORT@HOST or unix:PATH
 */
#include <libmilter/mfapi.h>
#include <stdio.h>

static sfsistat negotiate(SMFICTX *context, unsigned long actions, unsigned long offered, unsigned long unused2,
                          unsigned long unused3, unsigned long *wanted_actions, unsigned long *wanted,
                          unsigned long *none2, unsigned long *none3)
{
    (void)context, (void)actions, (void)unused2, (void)unused3;
    *wanted_actions = SMFIF_ADDHDRS;
    *wanted = offered & (SMFIP_NOCONNECT | SMFIP_NOHELO | SMFIP_NOMAIL | SMFIP_NORCPT | SMFIP_NODATA |
                         SMFIP_NOUNKNOWN | SMFIP_NR_HDR | SMFIP_NR_EOH | SMFIP_NR_BODY);
    *none2 = *none3 = 0;
    return SMFIS_CONTINUE;
}

static sfsistat header(SMFICTX *context, char *name, char *value)
{
    (void)context, (void)name, (void)value;
    return SMFIS_NOREPLY;
}

static sfsistat end_of_header(SMFICTX *context)
{
    (void)context;
    return SMFIS_NOREPLY;
}

static sfsistat body(SMFICTX *context, unsigned char *chunk, size_t length)
{
    (void)context, (void)chunk, (void)length;
    return SMFIS_NOREPLY;
}

static sfsistat end_of_message(SMFICTX *context)
{
    return smfi_addheader(context, "X-Noop", "yes") == MI_SUCCESS ? SMFIS_ACCEPT : SMFIS_TEMPFAIL;
}

int main(int count, char **arguments)
{
    struct smfiDesc filter = {
        .xxfi_name = "noop",
        .xxfi_version = SMFI_VERSION,
        .xxfi_flags = SMFIF_ADDHDRS,
        .xxfi_header = header,
        .xxfi_eoh = end_of_header,
        .xxfi_body = body,
        .xxfi_eom = end_of_message,
        .xxfi_negotiate = negotiate,
    };
    if (count != 2) {
        fprintf(stderr, "usage: noop SOCKET\n");
        return 2;
    }
    if (smfi_setconn(arguments[1]) != MI_SUCCESS || smfi_register(filter) != MI_SUCCESS)
        return 1;
    smfi_setbacklog(1024);
    return smfi_main() == MI_SUCCESS ? 0 : 1;
}
