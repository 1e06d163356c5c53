#!/usr/bin/env python3
"""docs/semantics.md names every scenario in basics, and only functions that exist.

    semantics_doc.py SOURCE_ROOT
"""
import pathlib
import re
import sys

root = pathlib.Path(sys.argv[1])
text = (root / 'docs/semantics.md').read_text()
exported = set(re.findall(r'\b\w+(?=;)', (root / 'capi/boucle.map').read_text()))
scenarios = {path.stem for path in (root / 'tests/semantics/basics').glob('*.scn')}

named = set()
problems = []
for rule, function, scenario in re.findall(r'^\| (.+?) \| `(\w+)` \| `(\w+)` \|$', text, re.M):
    named.add(scenario)
    if function not in exported:
        problems.append(f'{scenario}: no function {function}')
problems += [f'{name}: not in docs/semantics.md' for name in sorted(scenarios - named)]
problems += [f'{name}: no such scenario' for name in sorted(named - scenarios)]
print(*problems, f'{len(named)} rules, {len(problems)} problems', sep='\n')
sys.exit(bool(problems))
