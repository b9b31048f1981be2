"""Cycle models: every row of the manuals' tables of instruction timings, what stands below them, and sums by hand.

The tables spell cycles as the manuals do: N registers in a list, P a refill of the pipeline, B a barrier, W waiting.
Where the manual's text corrects its table, a third column says what the model has to say.
"""

import re
from dataclasses import replace

import pytest

from codegen.board import board_ids, load_board
from codegen.resources import folder
from hostctl.profile.counts import Count, Counts
from hostctl.profile.models import NO_MODEL, Cycles, model_of, why_none
from hostctl.profile.models.thumb import conditional, stem
from hostctl.profile.phases import number
from hostctl.profile.program import Function, Instruction, Program, instructions_of
from hostctl.profile.table import Ledger

P, B, W = Cycles(1, 3), Cycles(0, 3), Cycles(0, 0)
"""A refill, as the manuals say. No manual has an upper bound of B: the models assume P's. Waiting is left out."""

M0 = """
movs r0, #1 | 1
movs r0, r1 | 1
mov r8, r1 | 1
mov pc, r1 | 3
adds r0, r1, #1 | 1
adds r0, r1, r2 | 1
add r8, r1 | 1
add pc, r1 | 3
adds r0, #200 | 1
adcs r0, r1 | 1
add sp, #8 | 1
add r0, sp, #8 | 1
adr r0, 120 | 1
subs r0, r1, r2 | 1
subs r0, r1, #1 | 1
subs r0, #200 | 1
sbcs r0, r1 | 1
sub sp, #8 | 1
rsbs r0, r1, #0 | 1
muls r0, r1 | 1 or 32
cmp r0, r1 | 1
cmn r0, r1 | 1
cmp r0, #1 | 1
ands r0, r1 | 1
eors r0, r1 | 1
orrs r0, r1 | 1
bics r0, r1 | 1
mvns r0, r1 | 1
tst r0, r1 | 1
lsls r0, r1, #2 | 1
lsls r0, r1 | 1
lsrs r0, r1, #2 | 1
lsrs r0, r1 | 1
asrs r0, r1, #2 | 1
asrs r0, r1 | 1
rors r0, r1 | 1
ldr r0, [r1, #4] | 2
ldrh r0, [r1, #4] | 2
ldrb r0, [r1, #4] | 2
ldr r0, [r1, r2] | 2
ldrh r0, [r1, r2] | 2
ldrsh r0, [r1, r2] | 2
ldrb r0, [r1, r2] | 2
ldrsb r0, [r1, r2] | 2
ldr r0, [pc, #8] | 2
ldr r0, [sp, #8] | 2
ldmia r0!, {r1, r2, r3} | 1 + N
ldmia r0, {r0, r1} | 1 + N
str r0, [r1, #4] | 2
strh r0, [r1, #4] | 2
strb r0, [r1, #4] | 2
str r0, [r1, r2] | 2
strh r0, [r1, r2] | 2
strb r0, [r1, r2] | 2
str r0, [sp, #8] | 2
stmia r0!, {r1, r2, r3, r4} | 1 + N
push {r4, r5} | 1 + N
push {r4, r5, lr} | 1 + N
pop {r4, r5} | 1 + N
pop {r4, r5, pc} | 4 + N
bne.n 100 | 1 or 3
b.n 100 | 3
bl 200 | 4
bx lr | 3
blx r3 | 3
sxth r0, r1 | 1
sxtb r0, r1 | 1
uxth r0, r1 | 1
uxtb r0, r1 | 1
rev r0, r1 | 1
rev16 r0, r1 | 1
revsh r0, r1 | 1
cpsid i | 1
cpsie i | 1
mrs r0, PRIMASK | 4
msr PRIMASK, r0 | 4
sev | 1
wfe | 2
wfi | 2
yield | 1
nop | 1
isb sy | 4
dmb sy | 4
dsb sy | 4
"""
"""ARM DDI 0432C, table 3-1. N counts PC, too; SVC and BKPT have no number; WFE and WFI are without the waiting."""

M3_ONLY = """
mla r0, r1, r2, r3 | 2
mls r0, r1, r2, r3 | 2
smull r0, r1, r2, r3 | 3 to 5
umull r0, r1, r2, r3 | 3 to 5
smlal r0, r1, r2, r3 | 4 to 7
umlal r0, r1, r2, r3 | 4 to 7
"""

M3 = """
mov.w r0, r1, lsl #4 | 1
movw r0, #1000 | 1
movt r0, #1000 | 1
mov pc, r1 | 1 + P
add.w r0, r1, r2, lsl #2 | 1
add pc, r1 | 1 + P
adcs r0, r1 | 1
adr r0, 120 | 1
subs r0, r1, #1 | 1
sbcs r0, r1 | 1
rsb r0, r1, #8 | 1
muls r0, r1 | 1
sdiv r0, r1, r2 | 2 to 12
udiv r0, r1, r2 | 2 to 12
ssat r0, #8, r1 | 1
usat r0, #8, r1 | 1
cmp r0, r1 | 1
cmn r0, r1 | 1
and.w r0, r1, #15 | 1
eors r0, r1 | 1
orrs r0, r1 | 1
orn r0, r1, r2 | 1
bics r0, r1 | 1
mvns r0, r1 | 1
tst r0, r1 | 1
teq r0, r1 | 1
lsls r0, r1, #2 | 1
lsls r0, r1 | 1
lsrs r0, r1, #2 | 1
lsrs r0, r1 | 1
asrs r0, r1, #2 | 1
asrs r0, r1 | 1
ror.w r0, r1, #8 | 1
rors r0, r1 | 1
rrx r0, r1 | 1
clz r0, r1 | 1
ldr r0, [r1, #4] | 2
ldr.w r0, [r1, r2, lsl #2] | 2
ldr.w pc, [r1, r2, lsl #2] | 2 + P
ldrh r0, [r1, #4] | 2
ldrb r0, [r1, #4] | 2
ldrsh r0, [r1, r2] | 2
ldrsb r0, [r1, r2] | 2
ldrt r0, [r1, #4] | 2
ldrht r0, [r1, #4] | 2
ldrbt r0, [r1, #4] | 2
ldrsht r0, [r1, #4] | 2
ldrsbt r0, [r1, #4] | 2
ldr r0, [pc, #8] | 2 | 2 or 3
ldrd r0, r1, [r2, #8] | 1 + N
ldmia r0!, {r1, r2, r3} | 1 + N
ldmia.w sp!, {r4, r5, r6, r7, r8, pc} | 1 + N + P
str r0, [r1, #4] | 2 | 1
str.w r0, [r1, r2, lsl #2] | 2
strh r0, [r1, #4] | 2 | 1
strh r0, [r1, r2] | 2
strb r0, [r1, #4] | 2 | 1
strb r0, [r1, r2] | 2
strt r0, [r1, #4] | 2 | 1
strht r0, [r1, #4] | 2 | 1
strbt r0, [r1, #4] | 2 | 1
str.w r0, [r1], #4 | 2 | 1 or 2
str.w r0, [r1, #4]! | 2 | 1 or 2
strd r0, r1, [r2, #8] | 1 + N
stmia r0!, {r1, r2, r3} | 1 + N
push {r4, r5} | 1 + N
push {r4, r5, lr} | 1 + N
pop {r4, r5} | 1 + N
pop {r4, r5, pc} | 1 + N + P
ldrex r0, [r1, #4] | 2
ldrexh r0, [r1] | 2
ldrexb r0, [r1] | 2
strex r0, r2, [r1, #4] | 2
strexh r0, r2, [r1] | 2
strexb r0, r2, [r1] | 2
clrex | 1
bne.n 100 | 1 or 1 + P
b.n 100 | 1 + P
bl 200 | 1 + P
bx lr | 1 + P
blx r3 | 1 + P
cbz r0, 120 | 1 or 1 + P
cbnz r0, 120 | 1 or 1 + P
tbb [pc, r0] | 2 + P | 2 + P or 3 + P
tbh [pc, r0, lsl #1] | 2 + P | 2 + P or 3 + P
itte ne | 1
cpsid i | 1 or 2
cpsie i | 1 or 2
mrs r0, PRIMASK | 1 or 2
msr PRIMASK, r0 | 1 or 2
sxth r0, r1 | 1
sxtb r0, r1 | 1
uxth r0, r1 | 1
uxtb r0, r1 | 1
ubfx r0, r1, #2, #3 | 1
sbfx r0, r1, #2, #3 | 1
bfc r0, #2, #3 | 1
bfi r0, r1, #2, #3 | 1
rev r0, r1 | 1
rev16 r0, r1 | 1
revsh r0, r1 | 1
rbit r0, r1 | 1
sev | 1
wfe | 1 + W
wfi | 1 + W
nop | 1
isb sy | 1 + B | 1 + P
dmb sy | 1 + B
dsb sy | 1 + B
"""
"""ARM 100165_0201_02, table 3-1, which ARM DDI 0439D repeats for the M4 but for multiplications.

The third column is section 3.3.2: a store with a number for an offset takes one cycle, a load from beside the code
perhaps one more, a table branch one more for the addition. It says nothing of stores that change their base. B is at
least P for ISB.
"""

M4_ONLY = """
mla r0, r1, r2, r3 | 1
mls r0, r1, r2, r3 | 1
smull r0, r1, r2, r3 | 1
umull r0, r1, r2, r3 | 1
smlal r0, r1, r2, r3 | 1
umlal r0, r1, r2, r3 | 1
"""

M4_SIMD = """
smmla smmls smmul smmlar smmlsr smmulr
smlabb smlabt smlalbb smlalbt smlald smlaldx smlaltb smlaltt smulbb smulbt smultb smultt smulwb smulwt smusd smusdx
smlatb smlatt smlad smladx smlawb smlawt smlsd smlsdx smlsld smlsldx smuad smuadx umaal ssat16 usat16
pkhtb pkhbt sxtb sxtb16 sxth uxtb uxtb16 uxth uxtab uxtab16 uxtah sxtab sxtab16 sxtah sel usad8 usada8
uqadd16 uqadd8 qadd qadd16 qadd8 qdadd sadd8 sadd16 shadd16 shadd8 uadd16 uadd8 uhadd16 uhadd8
qdsub uqsub16 uqsub8 qsub qsub16 qsub8 shsub16 shsub8 ssub16 ssub8 uhsub16 uhsub8 usub16 usub8
uqasx uqsax sasx qasx qsax shasx shsax ssax uasx uhasx uhsax usax
"""
"""ARM DDI 0439D, table 3-2: one cycle each."""


M4_LOOP = """
     644:	eb03 0209 	add.w	r2, r3, r9
     648:	f853 3009 	ldr.w	r3, [r3, r9]
     64c:	fa2a fa83 	sxtab16	sl, sl, r3
     650:	fa26 f693 	sxtab16	r6, r6, r3, ror #8
     654:	f85b 3f04 	ldr.w	r3, [fp, #4]!
     658:	6857      	ldr	r7, [r2, #4]
     65a:	fa28 f887 	sxtab16	r8, r8, r7
     65e:	fa25 f597 	sxtab16	r5, r5, r7, ror #8
     662:	e9d2 7202 	ldrd	r7, r2, [r2, #8]
     666:	fa2e fe87 	sxtab16	lr, lr, r7
     66a:	fa20 f097 	sxtab16	r0, r0, r7, ror #8
     66e:	fa2c fc82 	sxtab16	ip, ip, r2
     672:	fa21 f192 	sxtab16	r1, r1, r2, ror #8
     676:	2b00      	cmp	r3, #0
     678:	d1e4      	bne.n	644 <spikec_integrate_i16+0x88>
"""


def straight(lines, times=1, last_jumps=0, loads=None, stores=None):
    """A program of some lines with two more behind them, and what it counts when it runs through them.

    The last of them jumps back ``last_jumps`` times; ``loads`` and ``stores`` by address, for one run.
    """
    addresses = [each.address for each in instructions_of(lines.splitlines())]
    last = list(instructions_of(lines.splitlines()))[-1]
    end = last.address + last.size
    behind = "".join(f"\n{address:8x}:\tbf00      \tnop" for address in (end, end + 2))
    instructions = {each.address: each for each in instructions_of((lines + behind).splitlines())}
    phase, on = number("integrate"), times - last_jumps
    counts = [
        Count(1, phase, a, times, 0 if i == 0 else times, *(times * (n or {}).get(a, 0) for n in (loads, stores)), 0)
        for i, a in enumerate(addresses)
    ]
    counts += [Count(1, phase, end, on, on, 0, 0, 0), Count(1, phase, end + 2, 0, on, 0, 0, 0)]
    function = Function("spikec_integrate_i16", addresses[0], end + 4)
    return Program((function,), instructions), Counts(tuple(counts), 0)


def estimate(core, lines, **run):
    """Cycles of the lines; the one behind them that they go on with takes one, whatever the core."""
    program, counts = straight(lines, **run)
    total = Ledger(program, counts, model_of(core), true_cycles=False).rows()[0].totals.estimated
    behind = counts.counts[-2].executed
    return Cycles(total.low - behind, total.high - behind)


def code(*lines):
    """Lines as objdump prints them; an instruction with ``.w`` has four bytes, others two."""
    text, address = "", 0x100
    for line in lines:
        mnemonic, _, operands = line.partition(" ")
        wide = mnemonic.endswith(".w")
        text += f"{address:8x}:\t{'f000 f000' if wide else 'bf00'}      \t{mnemonic}\t{operands}\n"
        address += 4 if wide else 2
    return text


def accesses(*lines):
    """How often each line loads and stores when it runs once, by address."""
    loads, stores, text = {}, {}, code(*lines)
    for each in instructions_of(text.splitlines()):
        name = stem(each, ("ldmia", "stmia", "push", "pop", "ldrd", "strd"))
        count = listed(each.operands) or (2 if name in ("ldrd", "strd") else 1)
        if name.startswith(("ld", "pop")):
            loads[each.address] = count
        elif name.startswith(("st", "push")):
            stores[each.address] = count
    return {"loads": loads, "stores": stores}


def listed(operands):
    """How many registers a list in braces names."""
    found = re.search(r"{(.*)}", operands)
    return found[1].count(",") + 1 if found else 0


def take(core, *lines, **run):
    """Cycles of the lines, run once from the first to the last."""
    return estimate(core, code(*lines), **accesses(*lines), **run)


def spelled(cycles, line):
    """The manuals' spelling of cycles as bounds."""
    sums = []
    for choice in re.split(" or | to ", cycles):
        total = Cycles(0, 0)
        for term in choice.split(" + "):
            n = listed(line) or 2
            total += {"N": Cycles(n, n), "P": P, "B": B, "W": W}.get(term) or Cycles(int(term), int(term))
        sums.append(total)
    return Cycles(min(each.low for each in sums), max(each.high for each in sums))


def jumps_of(line):
    """How often one run of a line may jump."""
    name = line.split()[0].removesuffix(".n")
    if name in ("bne", "cbz", "cbnz"):
        return (0, 1)
    return (1,) if name in ("b", "bl", "bx", "blx", "tbb", "tbh") or re.search(r" pc, |, pc}", line) else (0,)


def rows(core, *tables):
    """Core, instruction, and its cycles as the model has to see them."""
    for line in "".join(tables).split("\n"):
        if line:
            instruction, table, *text = line.split(" | ")
            yield pytest.param(core, instruction, (text or [table])[0], id=f"{core} {instruction}")


# ---- the tables of the manuals ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("core", "line", "cycles"),
    [*rows("cortex-m0", M0), *rows("cortex-m3", M3_ONLY, M3), *rows("cortex-m4", M4_ONLY, M3)],
)
def test_every_row_of_the_manuals_table_takes_what_it_says(core, line, cycles):
    seen = [take(core, line, last_jumps=jumps) for jumps in jumps_of(line)]
    assert Cycles(min(each.low for each in seen), max(each.high for each in seen)) == spelled(cycles, line)


@pytest.mark.parametrize("name", M4_SIMD.split())
def test_instructions_for_signals_take_a_cycle_on_an_m4(name):
    assert take("cortex-m4", f"{name} r0, r1, r2, r3") == Cycles(1, 1)


@pytest.mark.parametrize("core", ["cortex-m0", "cortex-m3", "cortex-m4", "rv32imc", "avr5", "avr6"])
def test_the_documentation_names_the_source_of_every_model(core):
    text = " ".join((folder("firmware").parent / "docs" / "profiling.md").read_text().split())
    assert model_of(core).source in text


# ---- Cortex-M3 and M4: section 3.3.2 of their manuals ----------------------------------------------------------------


@pytest.mark.parametrize("core", ["cortex-m3", "cortex-m4"])
@pytest.mark.parametrize(
    ("normally", "apart", "lines"),
    [
        (3, 4, ["ldr r0, [r1]", "ldr r1, [r2]"]),
        (3, 3, ["ldr r0, [r1, r2]", "str r0, [r3, #20]"]),
        (3, 4, ["ldr r0, [r1, r2]", "str r1, [r3, r2]"]),
        (4, 6, ["ldr r0, [r1, r5]", "ldr r1, [r2]", "ldr r2, [r3, #4]"]),
        (4, 4, ["ldr r1, [r2]", "ldr r0, [r1, #4]"]),
        (5, 5, ["ldr r0, [r1]", "ldrd r2, r3, [r4]"]),
        (5, 5, ["ldmia r0!, {r1, r2}", "ldr r3, [r4]"]),
        (4, 4, ["str r0, [r1, r2]", "ldr r3, [r4]"]),
    ],
)
def test_neighbouring_loads_overlap_when_possible(core, normally, apart, lines):
    assert take(core, *lines) == Cycles(normally, apart)


def test_a_load_of_the_program_counter_overlaps_nothing():
    lines = ["ldr r0, [r1]", "ldr.w pc, [r2, r3, lsl #2]"]
    assert take("cortex-m3", *lines, last_jumps=1) == Cycles(2 + 2 + P.low, 2 + 2 + P.high)


@pytest.mark.parametrize("core", ["cortex-m3", "cortex-m4"])
@pytest.mark.parametrize(
    ("cycles", "lines"),
    [
        (Cycles(4, 4), ["adds r1, #4", "ldr r0, [r1, #4]"]),
        (Cycles(3, 3), ["adds r1, #4", "str r0, [r1, #4]"]),
        (Cycles(2, 2), ["adds r0, #4", "str r0, [r1, #4]"]),
        (Cycles(5, 5), ["add.w r0, r1, r2", "ldmia r0!, {r3, r4}"]),
        (Cycles(5, 5), ["add.w r2, r3, r4", "ldrd r0, r1, [r2]"]),
        (Cycles(4, 4), ["sub sp, #8", "push {r4}"]),
        (Cycles(3, 3), ["cmp r1, #4", "ldr r0, [r1, #4]"]),
        (Cycles(3, 3), ["adds r2, #4", "ldr r0, [r1, #4]"]),
        (Cycles(3, 4), ["addeq r1, #4", "ldr r0, [r1, #4]"]),
        (Cycles(4, 4), ["movs r1, #4", "nop", "ldr r0, [r1, #4]"]),
    ],
)
def test_an_address_that_was_just_computed_costs_a_cycle(core, cycles, lines):
    assert take(core, *lines) == cycles


def test_the_second_result_of_a_long_multiplication_is_waited_for_too():
    assert take("cortex-m4", "umull r0, r1, r2, r3", "ldr r4, [r1]") == Cycles(4, 4)
    assert take("cortex-m4", "umull r0, r1, r2, r3", "ldr r4, [r2]") == Cycles(3, 3)


def test_an_if_then_is_folded_onto_a_narrow_instruction_only():
    assert take("cortex-m4", "cmp r0, r1", "it eq") == Cycles(1, 2)
    assert take("cortex-m4", "cmp.w r0, r1", "it eq") == Cycles(2, 2)


@pytest.mark.parametrize("line", ["ldreq r0, [r1]", "strne r0, [r1, r2]", "ldmiaeq r0, {r1, r2}"])
def test_a_condition_that_does_not_hold_takes_a_cycle(line):
    assert estimate("cortex-m3", code(line)) == Cycles(1, 1)


def test_a_division_whose_condition_may_not_hold_takes_at_least_a_cycle():
    assert take("cortex-m3", "udiveq r0, r1, r2") == Cycles(1, 12)
    assert take("cortex-m3", "umullne r0, r1, r2, r3") == Cycles(1, 5)


@pytest.mark.parametrize(
    ("mnemonic", "has"),
    [
        ("addeq", True),
        ("ldrls.w", True),
        ("bne.n", True),
        ("lsls", False),
        ("movs", False),
        ("adcs", False),
        ("teq", False),
        ("mls", False),
        ("add.w", False),
    ],
)
def test_conditions_are_told_from_names_that_end_alike(mnemonic, has):
    assert conditional(Instruction(0, 2, mnemonic, "r0, r1")) is has


def test_a_loop_of_the_m4_kernel_takes_what_the_manual_says():
    """Loads 2, 2, 1 or 2 (behind a load) and 3 (a pair), eleven others of 1, and a branch taken 99 times of 100."""
    loads = {0x648: 1, 0x654: 1, 0x658: 1, 0x662: 2}
    found = estimate("cortex-m4", M4_LOOP, times=100, last_jumps=99, loads=loads)
    assert found == Cycles(100 * (2 + 2 + 1 + 3 + 11) + 99 * 1, 100 * (2 + 2 + 2 + 3 + 11) + 99 * 3)


# ---- SiFive E31: sections 3.2 and 3.3 of the FE310-G000's manual -----------------------------------------------------


@pytest.mark.parametrize(
    ("line", "cycles"),
    [
        ("add a0,a0,a1", Cycles(1, 1)),
        ("sw a0,0(a1)", Cycles(1, 1)),
        ("beqz a0,100", Cycles(1, 1 + 3)),
        ("j 100", Cycles(1, 1 + 3)),
        ("ret", Cycles(1, 1 + 3)),
        ("div a0,a0,a1", Cycles(1, 33)),
        ("remu a0,a0,a1", Cycles(1, 33)),
        ("csrw mstatus,a0", Cycles(1, 1 + 5)),
        ("csrsi mstatus,8", Cycles(1, 1 + 5)),
        ("csrr a0,mcycle", Cycles(1, 1)),
    ],
)
def test_an_e31_takes_a_cycle_an_instruction_and_three_for_a_wrong_prediction(line, cycles):
    assert take("rv32imc", line) == cycles


LATENCIES = {
    "lw a0,0(a1)": 2,
    **dict.fromkeys((f"{name} a0,0(a1)" for name in ("lh", "lhu", "lb", "lbu")), 3),
    "csrr a0,mcycle": 3,
    **dict.fromkeys((f"{name} a0,a1,a2" for name in ("mul", "mulh", "mulhu", "mulhsu")), 5),
}


@pytest.mark.parametrize(("line", "latency"), LATENCIES.items())
def test_an_e31_waits_for_late_results(line, latency):
    at_once = [line, "add a2,a2,a0"]
    assert take("rv32imc", *at_once) == Cycles(1 + latency, 1 + latency)
    between = [line, "add a2,a2,a3", "add a2,a2,a0"]
    assert take("rv32imc", *between) == Cycles(3, 3 + max(0, latency - 2))
    never = [line, *["add a2,a2,a3"] * 4]
    assert take("rv32imc", *never) == Cycles(5, 5)


def test_an_e31_waits_two_cycles_for_a_quotient_at_least():
    assert take("rv32imc", "div a0,a1,a2", "add a3,a3,a0") == Cycles(3, 34)


def test_an_e31_multiplies_one_at_a_time():
    assert take("rv32imc", "mul a0,a1,a2", "mul a3,a4,a5") == Cycles(2, 2 + 4)
    assert take("rv32imc", "mul a0,a1,a2", "add a6,a6,a7", "mul a3,a4,a5") == Cycles(3, 3 + 3)


def test_an_e31_may_flush_its_pipeline_when_a_csr_is_swapped():
    assert take("rv32imc", "csrrw a0,mscratch,a1", "add a2,a2,a0") == Cycles(4, 4 + 5)


# ---- AVR -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("core", "line", "cycles"),
    [
        ("avr6", "lpm r24, Z", 3),
        ("avr5", "ret", 4),
        ("avr6", "ret", 5),
        ("avr6", "mulsu r20, r21", 2),
    ],
)
def test_single_instructions_of_an_avr_take_what_their_manual_says(core, line, cycles):
    assert take(core, line) == Cycles(cycles, cycles)


@pytest.mark.parametrize(
    ("skipped", "cycles"), [(0, 10 * (1 + 4)), (4, 10 * (1 + 4) + 4 * (2 - 4)), (10, 10 * (1 + 2))]
)
def test_an_avr_skips_at_a_cycle_a_word(skipped, cycles):
    """Behind the skip lies a call of two words."""
    lines = "     100:\tbf 00     \tsbrc\tr24, 0\n     102:\t0e 94 00 00 \tcall\t0x0"
    program, counts = straight(lines, times=10)
    first, call, *rest = counts.counts
    call = replace(call, executed=10 - skipped, followed=10 - skipped)
    ledger = Ledger(program, Counts((first, call, *rest), 0), model_of("avr5"), true_cycles=False)
    assert ledger.rows()[0].totals.estimated == Cycles(cycles + 10, cycles + 10)


def test_every_emulated_core_has_a_model_or_a_reason():
    for board in map(load_board, board_ids()):
        if board.emulated and board.core != "host":
            model = model_of(board.core)
            assert (model is None) == (board.core.partition("+")[0] in NO_MODEL), board.id
            assert model is None or (model.source and model.assumes)
    assert "nobody has written a model" in why_none("z80")
    assert why_none("cortex-m33+nodsp") == why_none("cortex-m33") == NO_MODEL["cortex-m33"]
    assert type(model_of("cortex-m4+nofp")) is type(model_of("cortex-m4"))
