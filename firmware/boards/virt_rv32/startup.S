/* startup.S: from reset to main(). QEMU has loaded code and initialised data to their places; only zeros are missing. */
    .section .start, "ax"
    .globl reset_handler
reset_handler:
    .option push
    .option norelax
    la gp, __global_pointer$
    .option pop
    la sp, stack_top
    la t0, halt
    csrw mtvec, t0
    la t0, bss_start
    la t1, bss_end
1:  bgeu t0, t1, 2f
    sw zero, 0(t0)
    addi t0, t0, 4
    j 1b
2:  call main

/* Faults end here, too: the host sees a device that no longer answers. */
    .balign 4
halt:
    wfi
    j halt
