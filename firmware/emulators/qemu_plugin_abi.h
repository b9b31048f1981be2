/*
 * qemu_plugin_abi.h: the few functions of QEMU's plugin interface that counting takes, as QEMU's documentation of TCG
 * plugins describes them. Distributions ship QEMU without its own header.
 *
 * QEMU takes plugins of version 1 of the interface up to 8.2, and those of version 2 from 8.2.4 on. What is declared here
 * is alike in both.
 */
#ifndef QEMU_PLUGIN_ABI_H
#define QEMU_PLUGIN_ABI_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifndef QEMU_PLUGIN_ABI
#define QEMU_PLUGIN_ABI 1
#endif

typedef uint64_t plugin_id_t;
typedef uint32_t plugin_meminfo_t;
struct qemu_plugin_tb;
struct qemu_plugin_insn;

enum { PLUGIN_NO_REGISTERS = 0 };
enum { PLUGIN_MEMORY_READ_WRITE = 3 };

typedef void (*plugin_translated_t)(plugin_id_t id, struct qemu_plugin_tb *block);
typedef void (*plugin_executed_t)(unsigned core, void *data);
typedef void (*plugin_accessed_t)(unsigned core, plugin_meminfo_t info, uint64_t address, void *data);
typedef void (*plugin_ended_t)(plugin_id_t id, void *data);

void qemu_plugin_register_vcpu_tb_trans_cb(plugin_id_t id, plugin_translated_t call);
void qemu_plugin_register_vcpu_insn_exec_cb(struct qemu_plugin_insn *insn, plugin_executed_t call, int flags, void *data);
void qemu_plugin_register_vcpu_mem_cb(struct qemu_plugin_insn *insn, plugin_accessed_t call, int flags, int which,
                                      void *data);
void qemu_plugin_register_atexit_cb(plugin_id_t id, plugin_ended_t call, void *data);
size_t qemu_plugin_tb_n_insns(const struct qemu_plugin_tb *block);
struct qemu_plugin_insn *qemu_plugin_tb_get_insn(const struct qemu_plugin_tb *block, size_t number);
uint64_t qemu_plugin_insn_vaddr(const struct qemu_plugin_insn *insn);
size_t qemu_plugin_insn_size(const struct qemu_plugin_insn *insn);
bool qemu_plugin_mem_is_store(plugin_meminfo_t info);

int qemu_plugin_install(plugin_id_t id, const void *info, int count, char **words);
extern int qemu_plugin_version;

#endif
