"""Every Authentication-Results that the program wrote, read by authres."""

import re


def run(written):
    """How many fields were read as they were meant, and those that were not."""
    import authres

    agreed, differences = 0, []
    for fields, said in written:
        unfolded = [re.sub(r"\r?\n(?=[ \t])", "", field) for field in fields]
        try:
            (field,) = unfolded
            read = authres.AuthenticationResultsHeader.parse(field)
            found = [(result.method, result.result) for result in read.results if result.method != "arc"]
        except (ValueError, authres.core.AuthResError) as error:
            differences.append((" ".join(unfolded), str(error)))
            continue
        if found == said and read.authserv_id == "mx.conformance.example":
            agreed += 1
        else:
            differences.append((field, str(found)))
    return agreed, differences
