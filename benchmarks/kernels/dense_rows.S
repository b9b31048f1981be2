/*
 * dense_rows.S: four rows of a dense layer after each other, for the Cortex-M4.
 *
 * A word holds four weights w0 to w3 of a row as two numbers of 16 bits, 256 w1 + w0 and 256 w3 + w2: SXTB16 finds w0 and
 * w2 in it, and nothing has to find w1 and w3. With inputs spread as B = (x1, x3) and A = (256 x0 - x1, 256 x2 - x3),
 *     SMLAD(word, B) + SMLAD(SXTB16(word), A) = 256 (w0 x0 + w1 x1 + w2 x2 + w3 x3),
 * three instructions for four products. Sums are kept 256 times too large, modulo 2^32: pack.py proves that they fit.
 *
 * r0-r3: sums, r4-r7: inputs, r8-r11: weights, r12: the next inputs, lr: the next weights.
 */
    .syntax unified
    .thumb
    .text

    .set MIDDLE, 4
    .set END, 8
    .set PACKED, 12
    .set DOUBLED, 16
    .set OUT, 20
    .set BLOCKS, 24
    .set MULTIPLIER, 28
    .set HALF, 32
    .set SHIFT, 36
    .set LOW, 40

    .macro row sum, word, b, a
    smlad \sum, \word, \b, \sum
    sxtb16 \word, \word
    smlad \sum, \word, \a, \sum
    .endm

    .macro words b, a
    ldm lr!, {r8-r11}
    row r0, r8, \b, \a
    row r1, r9, \b, \a
    row r2, r10, \b, \a
    row r3, r11, \b, \a
    .endm

    .macro group
    ldm r12!, {r4-r7}
    words r4, r5
    words r6, r7
    .endm

    .global dense_rows
    .type dense_rows, %function
    .thumb_func
dense_rows:
    push {r4-r11, lr}
    ldr r1, [r0, #MIDDLE]
    ldr r2, [r0, #END]
    push {r0-r2}
    ldr lr, [r0, #PACKED]

block:
    ldr r12, [sp]
    ldr r12, [r12]
    movs r0, #0
    movs r1, #0
    movs r2, #0
    movs r3, #0
    ldr r8, [sp, #4]
    cmp r12, r8
    beq rest
eight:
    .rept 8
    group
    .endr
    ldr r8, [sp, #4]
    cmp r12, r8
    bne eight
rest:
    ldr r8, [sp, #8]
    cmp r12, r8
    beq finish
one:
    group
    ldr r8, [sp, #8]
    cmp r12, r8
    bne one

finish: /* twice the sum, so that SMMULR is a doubling high multiply */
    ldr r12, [sp]
    ldr r11, [r12, #DOUBLED]
    ldm r11!, {r4-r7}
    str r11, [r12, #DOUBLED]
    add r0, r4, r0, asr #7
    add r1, r5, r1, asr #7
    add r2, r6, r2, asr #7
    add r3, r7, r3, asr #7
    ldr r4, [r12, #MULTIPLIER]
    ldrd r5, r6, [r12, #HALF]
    .irp sum, r0, r1, r2, r3
    smmulr \sum, \sum, r4
    add \sum, \sum, \sum, asr #31 /* half rounds away from zero */
    add \sum, \sum, r5            /* half, and the offset */
    asr \sum, \sum, r6
    ssat \sum, #8, \sum
    .endr
    bfi r0, r1, #8, #8
    bfi r0, r2, #16, #8
    bfi r0, r3, #24, #8
    ldrd r4, r5, [r12, #LOW]
    ssub8 r6, r0, r4
    sel r0, r0, r4
    ssub8 r6, r5, r0
    sel r0, r0, r5
    ldr r11, [r12, #OUT]
    str r0, [r11], #4
    str r11, [r12, #OUT]
    ldr r11, [r12, #BLOCKS]
    subs r11, r11, #1
    str r11, [r12, #BLOCKS]
    bne.w block

    add sp, sp, #12
    pop {r4-r11, pc}
    .size dense_rows, . - dense_rows
