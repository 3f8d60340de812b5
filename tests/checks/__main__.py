"""Runs every house rule over the committed files and the production settings."""

import sys

from tests.checks import advisories, deployment, outgoing, requirements, security, sizes, words


def main() -> int:
    findings = [
        *words.findings(),
        *sizes.findings(),
        *requirements.findings(),
        *outgoing.findings(),
        *security.findings(),
        *deployment.findings(),
        *advisories.findings(),
    ]
    for finding in findings:
        print(finding, file=sys.stderr)
    print(f"House rules: {len(findings)} findings")
    return 1 if findings else 0


if __name__ == "__main__":
    sys.exit(main())
