/* qemu_counts.c: a plugin of QEMU that counts instructions: `-plugin qemu_counts.so,plan=<plan>,out=<counts>`. */
#define _XOPEN_SOURCE 600

#include <string.h>

#include "counts.h"
#include "qemu_plugin_abi.h"

int qemu_plugin_version = QEMU_PLUGIN_ABI;

/* An instruction that has been translated. QEMU keeps the pointer as long as it runs. */
typedef struct {
    counts_function_t *function;
    uint64_t address;
    unsigned size;
} site_t;

static void executed(unsigned core, void *data)
{
    const site_t *site = data;
    counts_execute(core, site->function, site->address, site->size);
}

static void accessed(unsigned core, plugin_meminfo_t info, uint64_t address, void *unused)
{
    counts_cell_t *cell = counts_cores[core % COUNTS_CORES].cell;
    (void)address;
    (void)unused;
    if (qemu_plugin_mem_is_store(info)) {
        cell->stores++;
    } else {
        cell->loads++;
    }
}

static void translated(plugin_id_t id, struct qemu_plugin_tb *block)
{
    size_t count = qemu_plugin_tb_n_insns(block);
    (void)id;
    for (size_t i = 0; i < count; i++) {
        struct qemu_plugin_insn *insn = qemu_plugin_tb_get_insn(block, i);
        site_t *site = counts_zeros(1, sizeof *site);
        site->address = qemu_plugin_insn_vaddr(insn);
        site->size = (unsigned)qemu_plugin_insn_size(insn);
        site->function = counts_find(site->address);
        qemu_plugin_register_vcpu_insn_exec_cb(insn, executed, PLUGIN_NO_REGISTERS, site);
        qemu_plugin_register_vcpu_mem_cb(insn, accessed, PLUGIN_NO_REGISTERS, PLUGIN_MEMORY_READ_WRITE, NULL);
    }
}

static void ended(plugin_id_t id, void *unused)
{
    (void)id;
    (void)unused;
    counts_close();
}

int qemu_plugin_install(plugin_id_t id, const void *info, int count, char **words)
{
    (void)info;
    const char *plan = count == 2 && strncmp(words[0], "plan=", 5) == 0 ? words[0] + 5 : NULL;
    const char *out = count == 2 && strncmp(words[1], "out=", 4) == 0 ? words[1] + 4 : NULL;
    if (plan == NULL || out == NULL || !counts_open(strdup(plan), strdup(out))) {
        (void)fprintf(stderr, "qemu_counts: plan=<plan>,out=<counts> name no plan that can be read\n");
        return -1;
    }
    qemu_plugin_register_vcpu_tb_trans_cb(id, translated);
    qemu_plugin_register_atexit_cb(id, ended, NULL);
    return 0;
}
